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
echo "== What the network costs, layer by layer"
$lacuna inspect "$model"
[ "$heard" -eq 4 ]
