import { array, assert, property, string } from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { renderDiffNames, renderReportNames, renderTraceNames } from '../../../src/report/formats/renderNames.ts';
import { renderYaml } from '../../../src/report/formats/renderYaml.ts';
import { broken, unknowns } from '../documents.ts';
import { brokenGate, brokenTrace, diffDocument, withTextEverywhere } from './samples.ts';

describe('YAML', () => {
  test('is the document of -o json', async () => {
    const report = await brokenGate();
    expect(load(renderYaml(report))).toEqual(report);
  });

  test.each([
    '\u001b[2J\u009b\u202e\u2066\ud800b\n"\\',
    '\u{e0041}',
    'yes',
    '1',
    'null',
    '~',
    '',
    ' x',
    '- a',
    '*c',
    'a: b',
    '# x',
    '\n\n',
    'x\n \ny',
    '\r\n',
    '2001-01-01',
    '0o7',
    '<<',
    '---\na',
    '%x',
    '\u200b0\u200b',
    '"\\0000\\0"',
    'a'.repeat(20_000),
    'l1\nl2\n',
  ])('%j is the same text again', (text) => {
    const yaml = renderYaml({ list: [text], text });
    expect(load(yaml)).toEqual({ list: [text], text });
  });

  test('and so is any other', () => {
    assert(
      property(array(string({ unit: 'binary' })), (texts) => {
        expect(load(renderYaml({ texts }))).toEqual({ texts });
      }),
    );
  });
});

describe('names', () => {
  test('of findings, and of checks that could not judge', () => {
    expect(renderReportNames(broken)).toBe(
      [
        'KPR2002 error - ConfigMap/kube-system/cilium-config',
        'KPR1007 error n1,n2,n3,n4,n5,n6,n7,n8,n9,n10,n11,n12 -',
        'KPR3002 warning - ConfigMap/kube-system/kube-proxy',
        'KPR5011 info - Service/shop/cart',
        '',
      ].join('\n'),
    );
    expect(renderReportNames(unknowns).split('\n')).toContain('socket-lb-attached unknown n7,n8 -');
  });

  test('of a trace and of a diff', async () => {
    expect(renderTraceNames(await brokenTrace())).toBe(
      'fail n2 Service/default/httpd\npass n1 Service/default/httpd\n',
    );
    expect(renderDiffNames(await diffDocument())).toMatch(/^(\S+ \S+ \S+\n)+$/);
  });

  test('every line has as many fields, whatever names hold', () => {
    const text = renderReportNames(withTextEverywhere(broken, 'a b,c\nd'));
    for (const line of text.trimEnd().split('\n')) expect(line.split(' ')).toHaveLength(4);
  });
});
