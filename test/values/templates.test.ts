import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Data, DataMap } from '../../src/values/template/Data.ts';
import { capability, type Evaluation, evaluator } from '../../src/values/template/evaluate.ts';
import { parseTemplate } from '../../pkg/charts/parseTemplate.ts';

const surroundings = { kubernetesVersion: 'v1.33.1', chartVersion: '1.20.2', namespace: 'cilium' };

function rendered(source: string, values: DataMap = {}): Evaluation {
  const template = parseTemplate(source);
  return evaluator(template.defined, values, surroundings)(template.nodes);
}

const textOf = (source: string, values?: DataMap): string => rendered(source, values).text;

describe('templates are rendered as Helm renders them', () => {
  test.each<[string, DataMap, string]>([
    ['a {{- " b " -}} c', {}, 'a b c'],
    ['{{/* a comment */}}x', {}, 'x'],
    ['{{ if .Values.a }}yes{{ else if .Values.b }}b{{ else }}no{{ end }}', { a: 0, b: [1] }, 'b'],
    ['{{ if .Values.a }}yes{{ else }}no{{ end }}', { a: {} }, 'no'],
    ['{{ range $i, $x := .Values.list }}{{ $i }}={{ $x }};{{ else }}none{{ end }}', { list: ['a', 'b'] }, '0=a;1=b;'],
    ['{{ range .Values.list }}{{ . }}{{ else }}none{{ end }}', { list: [] }, 'none'],
    ['{{ range $k, $v := .Values.map }}{{ $k }}{{ $v }}{{ end }}', { map: { b: 2, a: 1 } }, 'a1b2'],
    ['{{ range .Values.list }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}', { list: [1, 2, 3] }, '1'],
    ['{{ with .Values.a }}{{ .b }}{{ $.Values.c }}{{ end }}', { a: { b: 1 }, c: 2 }, '12'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', {}, '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}', {}, '1'],
    ['{{ define "a" }}<{{ .b }}>{{ end }}{{ include "a" .Values | upper }}', { b: 'x' }, '<X>'],
    ['{{ .Values.port | quote }}', { port: 6443 }, '"6443"'],
    ['{{ default "d" .Values.a }}{{ coalesce "" .Values.b "c" }}', { b: 'b' }, 'db'],
    ['{{ (.Values.a).b }}x', { a: null }, 'x'],
    ['{{ dig "a" "b" "none" .Values.AsMap }}', { a: { b: 'found' } }, 'found'],
    ['{{ dig "a" "b" "none" .Values.AsMap }}', { a: {} }, 'none'],
    ['{{ hasKey .Values "a" }}{{ hasKey .Values "b" }}', { a: null }, 'truefalse'],
    ['{{ semverCompare ">=1.27-0" .Capabilities.KubeVersion.Version }}', {}, 'true'],
    ['{{ semverCompare "<0.9.0" (trimPrefix "v" .Values.tag) }}', { tag: 'v0.8.5' }, 'true'],
    ['{{ list "a" "b" | has .Values.x }}', { x: 'b' }, 'true'],
    ['{{ splitList " " .Values.x | join "," }}', { x: 'a b' }, 'a,b'],
    ['{{ .Release.Namespace }} {{ .Chart.Version }}', {}, 'cilium 1.20.2'],
  ])('%s', (source, values, text) => {
    expect(textOf(source, values)).toBe(text);
    expect(rendered(source, values).failures).toEqual([]);
  });

  test('every refusal is told, with the values that decided it, the innermost first', () => {
    const source = `
      {{ if .Values.ui.enabled }}{{ if not .Values.relay.enabled }}{{ fail "needs relay" }}{{ end }}{{ end }}
      {{ if .Values.tunnel }}{{ fail "tunnel has gone" }}{{ end }}
      {{ $mode := toString .Values.mode }}{{ if ne $mode "on" }}{{ fail "mode" }}{{ end }}`;
    const { failures } = rendered(source, { ui: { enabled: true }, relay: {}, tunnel: 'vxlan', mode: 'off' });
    expect(failures.map(({ message }) => message)).toEqual(['needs relay', 'tunnel has gone', 'mode']);
    expect(failures.map(({ conditions }) => conditions.map((one) => one.at(-1)))).toEqual([
      ['relay.enabled', 'ui.enabled'],
      ['tunnel'],
      ['mode'],
    ]);
  });

  test('what is asked of a cluster is told apart', () => {
    const source =
      '{{ if not (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}{{ fail "no CRD" }}{{ end }}';
    expect(rendered(source).failures[0]?.conditions[0]).toEqual([capability('monitoring.coreos.com/v1')]);
  });

  test.each([
    ['{{ .Values.a.b }}', 'nil pointer evaluating interface {}.b'],
    ['{{ eq .Values.text true }}', 'incompatible types for comparison: x, true'],
    ['{{ range .Values.text }}{{ end }}', "range can't iterate over x"],
    ['{{ semverCompare ">=1" .Values.text }}', 'Invalid Semantic Version: x'],
  ])('%s ends with an error, as in Helm', (source, message) => {
    expect(rendered(source, { text: 'x' }).failures).toMatchObject([{ kind: 'stop', message }]);
  });

  test('a function that nobody has written here is no refusal', () => {
    expect(rendered('{{ genCA "a" 1 }}').failures).toMatchObject([{ kind: 'unsupported' }]);
  });

  test('and reads no further than or must', () => {
    const { failures } = rendered('{{ if or .Values.a .Values.b }}{{ fail "x" }}{{ end }}', { a: true, b: true });
    expect(failures[0]?.conditions).toEqual([['a']]);
  });

  test('values are left as they are', () => {
    const values = { map: { a: 1 } };
    rendered('{{ $_ := set .Values.map "a" 2 }}', values);
    expect(values).toEqual({ map: { a: 1 } });
  });
});

describe('whatever values hold', () => {
  const data = fc.letrec<{ data: Data }>((tie) => ({
    data: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.array(tie('data'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'c'), tie('data'), { maxKeys: 3 }),
    ),
  })).data;

  test('rendering ends, with a text or with what Helm would say', () => {
    const source =
      '{{ if and .Values.a (eq .Values.b "x") }}{{ range .Values.c }}{{ . | quote }}{{ end }}{{ else }}{{ with .Values.b }}{{ .c.a | default "d" }}{{ end }}{{ end }}';
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), data), (values) => {
        expect(typeof rendered(source, values).text).toBe('string');
      }),
    );
  });
});

test.each(['{{ if .a }}', '{{ end }}', '{{ ( .a }}', '{{ "a }}', '{{ define }}{{ end }}'])(
  '%s is no template',
  (source) => {
    expect(() => rendered(source)).toThrow();
  },
);
