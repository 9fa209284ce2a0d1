#!/bin/sh
# Sets up, builds, and shows the main job: a keyword-spotting network hears words.
set -eu
cd "$(dirname "$0")/.."

sh tools/build.sh lacuna
lacuna=build/bin/lacuna
model=test/models/tc_resnet8.onnx
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

echo
echo "== $model hears words that espeak-ng speaks"
echo "   (some of the words it was trained on were synthetic too)"
heard=0
for word in yes no up down; do
  espeak-ng -v en-gb -w "$work/$word.wav" "$word"
  answer=$($lacuna run "$model" --input "$work/$word.wav" \
    --classes test/models/tc_resnet8.classes --top 1)
  echo "$word: $answer"
  case $answer in
  "$word "*) heard=$((heard + 1)) ;;
  esac
done
echo "$heard of 4 words recognised"

echo
echo "== The same network as C++ for a Cortex-A76, under an emulator"
$lacuna run "$model" --input "$work/yes.wav" --target=neon --mcpu=cortex-a76 --via=qemu \
  --classes test/models/tc_resnet8.classes --top 1
$lacuna compile "$model" -o "$work/bundle" --mcpu=cortex-a76 --report
ls -l "$work/bundle" | awk 'NR > 1 { print $5, $9 }'
grep -m 3 _bytes "$work/bundle/report.json"

echo
echo "== What the network costs, layer by layer"
$lacuna inspect "$model"
[ "$heard" -eq 4 ]
