import { expect, test } from 'vitest';
import { inLines } from '../../pkg/charts/inLines.ts';
import { parseTemplate } from '../../pkg/charts/parseTemplate.ts';
import { lean } from '../../pkg/charts/prune.ts';
import type { TemplateNode } from '../../src/knowledge/charts/TemplateNode.ts';
import { chartOf } from '../../src/knowledge/charts/index.ts';
import { branches } from '../../src/knowledge/releases.ts';

const textsIn = (nodes: readonly TemplateNode[]): readonly string[] =>
  nodes.flatMap((node) =>
    node.kind === 'text' ? [node.text] : 'body' in node ? [...textsIn(node.body), ...textsIn(node.otherwise)] : [],
  );

test.each(branches)('of the text of the charts of %s there is nothing but options', async (branch) => {
  const { files } = await chartOf(branch);
  const lines = Object.values(files)
    .flatMap((nodes) => textsIn(nodes))
    .flatMap((text) => text.split('\n').slice(1, -1));
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !/^ {2}[\w.-]+:|^data:$|^---/.test(line))).toEqual([]);
});

test('comments go, but for their mark where an action goes on with them', () => {
  const { nodes } = parseTemplate('# a\ndata:\n  # of b\n  b: "1"\n  # with {{ .c }} in it\n  d: {{ .d }}\n    # e\n');
  expect(textsIn(lean(nodes))).toEqual(['#\ndata:\n  b: "1"\n  #', ' in it\n  d: ', '\n']);
});

test('a table is JSON, of which short things stand on one line', () => {
  const table = { a: [1, { b: null }], c: 'x'.repeat(200), d: Array.from({ length: 60 }, (_, i) => i), e: undefined };
  const text = inLines(table);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(table)));
  expect(text.split('\n')[1]).toBe(' "a":[1,{"b":null}],');
});
