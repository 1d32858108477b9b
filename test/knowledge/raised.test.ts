import { describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { type Code, codes } from '../../src/knowledge/codes.ts';
import type { Builtin } from '../../src/core/Problem.ts';
import { problems, valueProblems } from '../../checks/problems.ts';
import { type ProblemText, problemTexts } from '../support/problemTexts.ts';

const areasOf = (all: readonly Code[]) => [...new Set(all.map((code) => codes[code].area))];

describe('what is known and what is checked are the same', () => {
  test('every code that is taken is raised by a check or said of values, and no other is', () => {
    const taken = Object.entries(codes).filter(([, { state }]) => state === 'taken');
    expect([...problems.keys()]).toEqual(taken.map(([code]) => code));
  });

  test('one problem describes a code', () => {
    const raised = new Set([...checks.flatMap(({ raises }) => raises), ...valueProblems]);
    expect(raised.size).toBe(problems.size);
  });

  test('the codes of a check are of one area', () => {
    expect(checks.filter((check) => areasOf(check.codes).length !== 1).map(({ id }) => id)).toEqual([]);
  });
});

// The compiler holds this list against the type.
const builtinNames: Readonly<Record<Builtin, true>> = {
  namespace: true,
  helmRelease: true,
  agentDaemonSet: true,
  operator: true,
  nodes: true,
  node: true,
  agentPod: true,
  objects: true,
  objectNamespace: true,
  objectName: true,
};
const namesIn = ({ text }: ProblemText): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
const texts = [...problemTexts()];

describe('every placeholder can be filled', () => {
  test('what opens as one is one', () => {
    expect(texts.filter(({ text }) => /\{\{(?!\w+\}\})/.test(text))).toEqual([]);
  });

  test('titles, symptoms and causes have none: they stand for every finding of their code', () => {
    const general = texts.filter(({ field }) => field === 'title' || field === 'symptom' || field === 'cause');
    expect(general.filter((one) => namesIn(one).length > 0)).toEqual([]);
  });

  test('how to confirm it names only what the report knows by itself', () => {
    const names = texts.filter(({ field }) => field === 'confirm').flatMap(namesIn);
    expect(names.filter((name) => !(name in builtinNames))).toEqual([]);
  });
});
