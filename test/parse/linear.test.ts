import { describe, expect, test } from 'vitest';
import { bugtoolFiles } from '../../src/collect/archive/bugtoolFiles.ts';
import { readCommandOutput } from '../../src/collect/archive/readCommandOutput.ts';
import { readVersionText } from '../../src/collect/archive/readVersionText.ts';
import { readYamlList, readYamlObject } from '../../src/collect/archive/readYaml.ts';
import { readDocument } from '../../src/collect/api/readDocument.ts';
import { statusMessage } from '../../src/collect/api/statusMessage.ts';
import { readSections } from '../../src/collect/readSections.ts';
import { splitShell } from '../../src/collect/splitShell.ts';
import { missing } from '../../src/model/Fact.ts';
import { answerNames } from '../../src/model/raw.ts';
import { readNodeFacts } from '../../src/parse/readNodeFacts.ts';
import { visible } from '../../src/text/visible.ts';
import { slowWords } from '../support/hostileWords.ts';
import { everyParser } from './everyParser.ts';

const usual = 'the connection to host-7.example.com was refused\n';

/** What an exception says is not what this is about. */
const calmly =
  (work: (text: string) => unknown) =>
  (text: string): void => {
    try {
      work(text);
    } catch {
      // Not understood.
    }
  };

const context = {
  marker: 'kpr-1',
  limitSeconds: 1,
  commandFor: (name: string) => name,
  cut: missing('unparsed', 'cut'),
};
const adapters = Object.entries(bugtoolFiles).flatMap(([name, files]) =>
  files.flatMap(({ adapt }, at): [string, (text: string) => unknown][] =>
    adapt === undefined ? [] : [[`file ${at} of ${name} in an archive`, adapt]],
  ),
);

const readers: readonly [name: string, read: (text: string) => unknown][] = [
  ...answerNames.map((name): [string, (text: string) => unknown] => [
    `the answer ${name}`,
    (text) =>
      readNodeFacts(
        { name: 'n1', answers: { [name]: { text, stderr: text, exitCode: 0, command: name } } },
        { kubeProxyPod: undefined },
      ),
  ]),
  [
    'a complaint',
    (text) =>
      readNodeFacts(
        { name: 'n1', answers: { kernel: { text: '', stderr: text, exitCode: 1, command: 'uname' } } },
        { kubeProxyPod: undefined },
      ),
  ],
  ...adapters,
  ['a file of bugtool', (text) => readCommandOutput(text, 'ss')],
  ['a fenced file of bugtool', (text) => readCommandOutput(`# a\n\n\`\`\`\n${text}\n\`\`\`\n`, 'ss')],
  ['a version', readVersionText],
  ['YAML', readYamlObject],
  ['a list in YAML', (text) => readYamlList(`items:\n- a: b\n${text}`)],
  ['an answer of the API', (text) => readDocument('/api/v1/nodes', text)],
  ['a refusal of the API', statusMessage],
  ['what an exec printed', (text) => readSections(`kpr-1 begin a\n${text}\nkpr-1 end a 0 \n${text}`, ['a'], context)],
  ['what the agent’s shell printed', (text) => splitShell(text, ['db/show health', 'db/show frontends'])],
  ['what is shown', visible],
];

describe('text of any word is read in a time that is in proportion to its length', () => {
  test.each(readers)('%s', (_, read) => {
    expect(slowWords(usual, calmly(read))).toEqual([]);
  });

  test.each(everyParser.map(([parse, ...texts]) => ({ name: parse.name, parse, texts })))(
    '$name, in the middle of what it understands',
    ({ parse, texts }) => {
      for (const sample of texts) {
        const at = sample.indexOf('\n', sample.length / 2) + 1;
        const within = (text: string): unknown => parse(sample.slice(0, at) + text + sample.slice(at));
        expect(slowWords(usual, within)).toEqual([]);
        const inLine = (text: string): unknown =>
          parse(sample.slice(0, at + 12) + text.trimEnd() + sample.slice(at + 12));
        expect(slowWords(usual, inLine)).toEqual([]);
      }
    },
  );
});
