import * as v from 'valibot';
import type { Suppression } from '../core/suppress.ts';
import type { Service } from '../model/kubernetes.ts';
import {
  mostSuppressionLines,
  parseSuppressionLine,
  suppressAnnotation,
  suppressionLines,
} from '../core/suppressionLine.ts';
import { excerptOf } from './text.ts';
import type { SuppressionsDocument } from './SuppressionsDocument.ts';

export type ParsedSuppressions =
  | { readonly ok: true; readonly suppressions: readonly Suppression[] }
  /** `why`: a sentence without its end. */
  | { readonly ok: false; readonly why: string };

const day = v.pipe(v.string(), v.isoDate('a day such as 2027-03-01 was expected'));
const filled = v.pipe(v.string(), v.trim(), v.nonEmpty('it is empty'));

const entry = v.strictObject({
  code: filled,
  /** `NAMESPACE/NAME` */
  service: v.exactOptional(v.pipe(v.string(), v.regex(/^[^/]+\/[^/]+$/, 'NAMESPACE/NAME was expected'))),
  node: v.exactOptional(filled),
  reason: filled,
  until: day,
});
/** As docs/suppressions.schema.json has it. */
const fileOf: v.GenericSchema<unknown, SuppressionsDocument> = v.strictObject({
  schemaVersion: v.literal(1),
  suppressions: v.array(entry),
});

/** The contents of a file of suppressions. Each of them has a reason and a last day. */
export function parseSuppressions(document: unknown, file: string): ParsedSuppressions {
  const parsed = v.safeParse(fileOf, document);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { ok: false, why: `${v.getDotPath(issue) ?? 'the file'}: ${wordsOf(issue)}` };
  }
  return {
    ok: true,
    suppressions: parsed.output.suppressions.map(({ code, service, node, reason, until }) => {
      const [namespace, name = ''] = service?.split('/') ?? [];
      const object = namespace === undefined ? undefined : { kind: 'Service', namespace, name };
      return { code, object, node, reason, until, by: file, of: 'user' };
    }),
  };
}

/** Of keys the schema’s own words tell what it expects of itself. */
function wordsOf({ expected, received, message }: v.BaseIssue<unknown>): string {
  if (received === 'undefined') return 'it is missing';
  return expected === 'never' ? 'no such key is known' : message;
}

export interface AnnotatedSuppressions {
  readonly suppressions: readonly Suppression[];
  /** Lines that are not understood, with their Service. */
  readonly malformed: readonly { readonly service: string; readonly line: string }[];
}

/** What Services ask for themselves: each can suppress findings about itself alone. */
export function annotatedSuppressions(services: readonly Service[]): AnnotatedSuppressions {
  const suppressions: Suppression[] = [];
  const malformed: { service: string; line: string }[] = [];
  for (const { metadata } of services) {
    const { namespace = '', name } = metadata;
    const service = `${namespace}/${name}`;
    const lines = suppressionLines(metadata.annotations?.[suppressAnnotation] ?? '');
    if (lines.length > mostSuppressionLines) {
      malformed.push({
        service,
        line: `(${lines.length} lines, of which none counts: more than ${mostSuppressionLines})`,
      });
      continue;
    }
    for (const line of lines) {
      const parsed = parseSuppressionLine(line);
      if (parsed === undefined) malformed.push({ service, line: excerptOf(line) });
      else
        suppressions.push({
          ...parsed,
          object: { kind: 'Service', namespace, name },
          node: undefined,
          by: `Service ${service}`,
          of: 'owner',
        });
    }
  }
  return { suppressions, malformed };
}
