#!/bin/sh
# Sets up, builds, and shows the main job: a keyword-spotting network hears words,
# in an app and on an accelerator.
set -eu
cd "$(dirname "$0")/.."

sh tools/build.sh lacuna
lacuna=build/bin/lacuna
model=test/models/tc_resnet8.onnx
classes=test/models/tc_resnet8.classes
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

echo
echo "== An app in C hears words that espeak-ng speaks, frame by frame"
echo "   ($model; some of the words it was trained on were synthetic too)"
app=build/demo
if [ ! -x $app/kws ] || [ $app/kws -ot $lacuna ]; then
  cmake --install build --prefix $app/prefix --component app > /dev/null
  cmake -S docs/examples/kws -B $app -G Ninja -DCMAKE_PREFIX_PATH="$PWD/$app/prefix" \
    -DKWS_OPTIONS=--stream > /dev/null
  cmake --build $app --target kws > /dev/null
fi
python3 test/bundle/Inputs/speak.py "$work/words.wav" 16000 yes no up down
$app/kws "$work/words.wav" | tee "$work/heard"
heard=$(sed 's/.*: \([a-z]*\) .*/\1/' "$work/heard" | tr '\n' ' ')

echo
echo "== The same network in 8 bits, by what it computes for other voices"
mkdir "$work/voices"
for word in yes no up down; do
  espeak-ng -v en-gb -w "$work/$word.wav" "$word"
  for voice in en-us en-gb-scotland en-gb-x-rp; do
    espeak-ng -v $voice -w "$work/voices/$word-$voice.wav" "$word"
  done
done
$lacuna compile "$model" --quantize=int8 --calibrate="$work/voices" \
  --compile-to=compress -o "$work" --name=kws_int8
model=$work/kws_int8.mlir

echo "   as C++ for a Cortex-A76: bytes of the files, and of the memory between frames"
$lacuna compile "$model" -o "$work/bundle" --mcpu=cortex-a76 --stream --report
ls -l "$work/bundle" | awk 'NR > 1 { print $5, $9 }'
grep "peak_bytes\|state_bytes" "$work/bundle/report.json"

echo
echo "== And on an accelerator of 256 multipliers, simulated"
right=0
for word in yes no up down; do
  answer=$($lacuna run "$model" --target=npu --machine=lacuna-256 \
    --input "$work/$word.wav" --classes $classes --top 1)
  echo "$word: $answer"
  case $answer in
  "$word "*) right=$((right + 1)) ;;
  esac
done
$lacuna simulate "$model" --input "$work/yes.wav" --machine=lacuna-256
echo
echo "   The same word frame by frame: each step takes 8 frames of 10 ms"
$lacuna simulate "$model" --stream --input "$work/yes.wav" --machine=lacuna-256 |
  grep 'start:\|steps,\|^total\|cycles,\|clip'

echo
echo "Heard in the app: ${heard% }. On the accelerator: $right of 4."
[ "$heard" = "yes no up down " ] && [ "$right" -eq 4 ]
