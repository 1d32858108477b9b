import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence, SeenLines } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { isExposedOn } from '../../src/expect/lb/serviceClaims.ts';
import { servicePrefix } from '../../src/knowledge/serviceAnnotations.ts';
import { missing, valueOf } from '../../src/model/Fact.ts';
import type { Node, Service } from '../../src/model/kubernetes.ts';
import { type AnnotationContext, type AnnotationFault, annotationFault } from './annotationFault.ts';
import { type AnnotatedObject, annotationFinding } from './annotationFinding.ts';
import { mistakenAffinity } from './mistakenAffinity.ts';
import { kpr5005 } from './problems/KPR5005.ts';

export const serviceAnnotationsHonoured = defineCheck({
  id: 'service-annotations',
  title: 'The annotations of Services are known, valid and in effect',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5005],
  requires: { cluster: ['services'] },
  optional: { cluster: ['endpointSlices', 'nodes'], node: ['status'] },
  uses: [commonSettings, replacementOnNode],
  run({ cluster, nodes, derived, evidence }) {
    const settings = derived(commonSettings);
    const context = contextOf(nodes, 'missing' in settings ? undefined : settings);
    const faults = faultsIn(
      [
        ...cluster.services.map(withoutAffinity),
        // The weight alone is read from EndpointSlices; other keys come there as copies of a Service's, or of
        // Endpoints'.
        ...(valueOf(cluster.endpointSlices) ?? [])
          .filter(({ metadata }) => metadata.annotations?.[`${servicePrefix}weight`] !== undefined)
          .map(({ metadata }) => ({ kind: 'EndpointSlice' as const, metadata })),
      ],
      context,
    );
    return passUnless([
      ...faults.flatMap(({ fault, key, value, objects }) =>
        fault.kind === 'inconclusive'
          ? []
          : [
              annotationFinding(fault, { key, value, objects, version: context.version }, (excerpt) =>
                evidence(objects[0]?.kind === 'EndpointSlice' ? 'endpointSlices' : 'services', excerpt),
              ),
            ],
      ),
      ...asLabels(cluster.services),
      ...onNodes(valueOf(cluster.nodes) ?? []),
      ...offAllNodes(cluster.services, valueOf(cluster.nodes) ?? [], context, (seen) => evidence('services', seen)),
      ...ofNoType(cluster.services, context, (seen) => evidence('services', seen)),
      ...(faults.some(({ fault }) => fault.kind === 'inconclusive')
        ? [inconclusive('missing' in settings ? settings : noWord)]
        : []),
    ]);
  },
});

interface Annotated extends AnnotatedObject {
  readonly kind: 'Service' | 'EndpointSlice';
  /** Of a Service. */
  readonly type?: string;
}

/** Whoever removes the annotation by which affinity was asked for loses what was meant: affinity-effective keeps it. */
function withoutAffinity(service: Service): Annotated {
  const { annotations = {}, ...metadata } = service.metadata;
  const asked = mistakenAffinity(service);
  const others = Object.entries(annotations).filter(([key]) => key !== asked);
  return {
    kind: 'Service',
    type: service.spec?.type ?? 'ClusterIP',
    metadata: { ...metadata, annotations: Object.fromEntries(others) },
  };
}

interface SharedFault {
  readonly fault: AnnotationFault;
  readonly key: string;
  readonly value: string;
  readonly objects: readonly ObjectRef[];
}

/** What differs by nothing that is said of it, is one fault of several objects. */
function faultsIn(annotated: readonly Annotated[], context: AnnotationContext): readonly SharedFault[] {
  const single = annotated.flatMap(({ kind, type, metadata: { annotations = {}, namespace = '', name } }) =>
    Object.entries(annotations).flatMap(([key, value]) => {
      const fault = unlessHarmful(annotationFault(kind, key, annotations, context), key, type);
      return fault === undefined ? [] : [{ fault, key, value, object: { kind, namespace, name } }];
    }),
  );
  const groups = Map.groupBy(single, ({ fault, key, value }) =>
    JSON.stringify([fault, key, fault.kind === 'invalidValue' ? value : '']),
  );
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map((one) => Object.assign({}, one, { objects: group.map(({ object }) => object) })),
  );
}

/** The value that is likely meant is not to be written where it leaves a Service without an address. */
const unlessHarmful = (
  fault: AnnotationFault | undefined,
  key: string,
  type: string | undefined,
): AnnotationFault | undefined =>
  fault?.kind === 'invalidValue' && key === typeKey && leavesNoAddress(fault.near, type)
    ? { ...fault, near: undefined }
    : fault;

/** What any agent honours counts: agents that disagree are another check's. */
function contextOf(
  nodes: readonly NodeView<never, 'status', never, typeof replacementOnNode>[],
  settings: AgentSettings | undefined,
): AnnotationContext {
  const statuses = nodes.flatMap(({ facts, derived }) =>
    derived(replacementOnNode) === 'on' ? (valueOf(facts.status) ?? []) : [],
  );
  const lists = statuses.flatMap(({ kpr }) => (kpr?.annotations === undefined ? [] : [kpr.annotations]));
  return {
    honoured: lists.length === 0 ? undefined : new Set(lists.flat()),
    settings,
    version: statuses.find(({ version }) => version !== undefined)?.version,
  };
}

function asLabels(services: readonly AnnotatedObject[]): Finding<'KPR5005'>[] {
  return services.flatMap(({ metadata: { annotations, labels, namespace = '', name } }) =>
    Object.entries(labels ?? {})
      .filter(([key]) => key.startsWith(servicePrefix) && annotations?.[key] === undefined)
      .map(([key, value]) =>
        finding(
          kpr5005,
          'asLabel',
          { key, value, objectCount: `${namespace}/${name}` },
          { objects: [{ kind: 'Service', namespace, name }] },
        ),
      ),
  );
}

/** Nodes are chosen by this label; as an annotation it matches nothing. */
function onNodes(nodes: readonly Node[]): Finding<'KPR5005'>[] {
  const key = `${servicePrefix}node`;
  return nodes.flatMap(({ metadata: { annotations, labels, name } }) => {
    const value = annotations?.[key];
    if (value === undefined || labels?.[key] === value) return [];
    return finding(
      kpr5005,
      'nodeAnnotation',
      { value, objectCount: `node ${name}` },
      { objects: [{ kind: 'Node', name }] },
    );
  });
}

/** The kind of address that alone is let through is one that a Service of this type never has. */
function ofNoType(
  services: readonly Service[],
  context: AnnotationContext,
  evidence: (seen: SeenLines) => Evidence,
): Finding<'KPR5005'>[] {
  const key = typeKey;
  return services.flatMap(({ metadata: { annotations = {}, namespace = '', name }, spec }) => {
    const value = annotations[key];
    if (value === undefined || !leavesNoAddress(value, spec?.type)) return [];
    if (annotationFault('Service', key, annotations, context) !== undefined) return [];
    const seen = { lines: [`${key}: ${JSON.stringify(value)}`], of: [name] };
    return finding(
      kpr5005,
      'noAddressLeft',
      { key, value, service: `${namespace}/${name}` },
      { objects: [{ kind: 'Service', namespace, name }], evidence: [evidence(seen)] },
    );
  });
}

const typeKey = `${servicePrefix}type`;

const leavesNoAddress = (value: string | undefined, type = 'ClusterIP'): boolean =>
  lackingTypes.get(value ?? '')?.has(type) === true;

const lackingTypes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['NodePort', new Set(['ClusterIP'])],
  ['LoadBalancer', new Set(['ClusterIP', 'NodePort'])],
]);

/** Annotations that choose nodes, where none has the label: nobody serves the Service, not even its ClusterIP. */
function offAllNodes(
  services: readonly Service[],
  nodes: readonly Node[],
  context: AnnotationContext,
  evidence: (seen: SeenLines) => Evidence,
): Finding<'KPR5005'>[] {
  if (nodes.length === 0) return [];
  return services.flatMap((service) => {
    const { annotations = {}, namespace = '', name } = service.metadata;
    const key = [`${servicePrefix}node-selector`, `${servicePrefix}node`].find((one) => annotations[one] !== undefined);
    // What has no effect at all is told as that.
    if (key === undefined || annotationFault('Service', key, annotations, context) !== undefined) return [];
    if (nodes.some(({ metadata }) => isExposedOn(service, metadata.labels ?? {}))) return [];
    const value = annotations[key] ?? '';
    const seen = { lines: [`${key}: ${JSON.stringify(value)}`], of: [name] };
    return finding(
      kpr5005,
      'noNodeMatches',
      { key, value, service: `${namespace}/${name}` },
      { objects: [{ kind: 'Service', namespace, name }], evidence: [evidence(seen)] },
    );
  });
}

const noWord = missing('absent', 'no agent says which annotations it honours');
