// What a reader takes for a line, and what it must never see. Lives here: the judgement of texts
// that carry words of peers.

import assert from 'node:assert/strict';

// Everything that some terminal, editor or tokenizer treats as a line break.
const kLineBreak = /\r\n|[\n\r\v\f\x1c-\x1e\u0085\u2028\u2029]/;
// Controls, bidi and zero-width characters, tags: what changes how text looks without being seen.
const kHidden = new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e'
  + '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}]', 'u');

export function assertNothingHidden(text) {
  const found = kHidden.exec(text);
  assert.equal(found, null, found === null ? undefined
    : `U+${found[0].codePointAt(0).toString(16)} is shown as it came: ${JSON.stringify(text)}`);
}

const kPeersIndent = '  | ';
const kOursIndent = '  + ';

export function linesAtColumnZero(text) {
  return text.split(kLineBreak).filter((line) => line !== '' && !/^\s/.test(line));
}

// What stands below a message: the rest of its words, or what the hub adds to them.
function assertSameLinesBelow(hostile, harmless) {
  const below = (text) => text.split(kLineBreak).filter((line) => /^\s/.test(line));
  for (const line of below(hostile)) {
    assert.ok(line.startsWith(kPeersIndent) || line.startsWith(kOursIndent), `whose line is this? ${line}`);
  }
  const ours = (text) => below(text).filter((line) => line.startsWith(kOursIndent)).length;
  assert.equal(ours(hostile), ours(harmless), hostile);
}

// What differs from run to run.
const shape = (line) => line.replace(/[a-z]+-[a-z]+-[0-9a-f]{4}/g, 'CHANNEL')
  .replace(/(?<![\w-])[\w-]{28}(?![\w-])/g, 'SESSION').replace(/\d+/g, 'N');

// A text with hostile words has as many lines of the hub's as the same text with harmless ones, and
// the same ones, but for what follows `harmless` on its own line.
export function assertSameLinesOfOurs(hostile, harmless, words) {
  assertSameLinesBelow(hostile, harmless);
  const ours = linesAtColumnZero(harmless).map(shape);
  const shown = linesAtColumnZero(hostile).map(shape);
  assert.equal(shown.length, ours.length,
    `lines at column zero:\n${shown.join('\n')}\nand with harmless words:\n${ours.join('\n')}`);
  ours.forEach((line, i) => {
    const at = words.map((word) => line.indexOf(word)).filter((found) => found !== -1);
    if (at.length === 0) assert.equal(shown[i], line);
    else assert.ok(shown[i].startsWith(line.slice(0, Math.min(...at))), `${shown[i]}\nfor: ${line}`);
  });
}
