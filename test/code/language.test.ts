import { expect, test } from 'vitest';
import { type Source, sourcesOf } from './sources.ts';

/** What a native reader stumbles over, and what to say instead. */
const awkward: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\bhow manieth\b/i, 'which, or the position of'],
  [/\bfor ever\b/i, 'forever, without end, never changes'],
  [/\bfor (?:him|her)self\b/i, 'of its own; or name who'],
  [/\bown word\b/i, 'what the agent says, according to the agent'],
  [/\bas the API asks\b/i, 'as the API requires'],
  [/\bways? of (?:a |the )?connections?\b/i, 'where connections go'],
  [/\bwhat the API asks\b(?! for)/i, 'what the API requires'],
  [/\bkube-proxy['’]s share\b/i, 'kube-proxy’s rules'],
  [/\bbelongs? into\b/i, 'belongs in'],
  [/\b(?:of|from) then\b(?! on)/i, 'of the baseline, at that time'],
  [/\bof now\b(?!\.)/i, 'present'],
  [/\b(?:is|are) no (?:pass|finding|difference)s?\b/i, 'is not a'],
  [/\b(?:it|that|which|they) (?:is|are) none\b(?! of)/i, 'is not one, anything else'],
  [/\bnone of (?:kube-proxy|Cilium|Kubernetes)['’]s?\b/i, 'not kube-proxy’s'],
  [/\bwould else\b/i, 'would otherwise'],
  [/\bso many (?:lines|bytes|characters|bits)\b/i, 'this many'],
  [/\bnot each\b/i, 'not every'],
  [/\bat the most\b/i, 'at most'],
  [/\bthe (?:better|worse) first\b/i, 'the best first'],
  [/\bstopp?(?:ed|s)? to [a-z]+ /i, 'stopped -ing'],
  [/\b(?:some|every|any)body['’]s own\b/i, 'what identifies its owner'],
  [/\bsuch a one\b/i, 'one'],
  [/\bbr(?:oke|oken|eak|eaks) (?:it |this )?off\b/i, 'interrupted, cut'],
  [/\bcame on \d|\bwent on \d/i, 'added, removed'],
  [
    /['"](?:went|came)['"]|\breadonly (?:went|came)\b|\b(?:gone|came|none|left)On\b/,
    'removed, added, removedOn, absentOn',
  ],
];

const sources = sourcesOf(['{bin,src,checks,pkg}/**/*.{ts,mjs,cjs,sh,awk,pl}', 'docs/**/*.{md,json}', '*.md']);

/** The text without line breaks and signs of comments, so that a phrase is found wherever its line ends. */
const proseOf = ({ lines }: Source): string =>
  lines.map((line) => line.replace(/^\s*(?:\/\/|\/?\*+|#+) ?/, '').trim()).join(' ');

test.each(awkward)('nothing says %s: %s', (pattern) => {
  const found = sources.flatMap((source) =>
    [...proseOf(source).matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      ({ index, input }) => `${source.path}: …${input.slice(Math.max(0, index - 50), index + 50)}…`,
    ),
  );
  expect(found).toEqual([]);
});
