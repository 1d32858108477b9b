import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import type { ObjectMeta } from '../../src/model/kubernetes.ts';
import type { AnnotationFault } from './annotationFault.ts';
import { kpr5005 } from './problems/KPR5005.ts';

export interface AnnotatedObject {
  readonly metadata: ObjectMeta;
}

interface Annotated {
  readonly key: string;
  readonly value: string;
  readonly objects: readonly ObjectRef[];
  readonly version: string | undefined;
}

export function annotationFinding(
  fault: Exclude<AnnotationFault, { kind: 'inconclusive' }>,
  { key, value, objects, version }: Annotated,
  evidence: (excerpt: string) => Evidence,
): Finding<'KPR5005'> {
  const about = { objects, evidence: [evidence(`${key}: ${JSON.stringify(value)}`)] };
  const kind = objects[0]?.kind.toLowerCase() ?? 'service';
  const base = { key, objectCount: countOf(objects) };
  switch (fault.kind) {
    case 'unknownKey':
      return finding(kpr5005, 'unknownKey', { ...base, hint: fault.hint }, about);
    case 'invalidValue': {
      const { otherwise, valid, near, exposes } = fault;
      const params = { ...base, value, otherwise, valid, kind };
      const worse = { ...about, ...(exposes && { severity: 'error' as const }) };
      return near === undefined
        ? finding(kpr5005, 'uselessValue', params, worse)
        : finding(kpr5005, 'invalidValue', { ...params, near }, worse);
    }
    case 'switchOff':
      return finding(kpr5005, 'switchOff', { ...base, helm: fault.helm }, about);
    case 'notHonoured':
      return finding(kpr5005, 'notHonoured', { ...base, version: version ?? 'of unknown version' }, about);
    case 'withoutGlobal':
      return finding(kpr5005, 'withoutGlobal', base, about);
    case 'wrongObject':
      return finding(kpr5005, 'wrongObject', { ...base, right: fault.right, kind }, about);
    default:
      return fault satisfies never;
  }
}

/** The one object's name, or how many they are. */
function countOf(objects: readonly ObjectRef[]): string {
  const [first] = objects;
  if (objects.length === 1 && first !== undefined) return `${first.namespace}/${first.name}`;
  return `${objects.length} ${first?.kind ?? 'Service'}s`;
}
