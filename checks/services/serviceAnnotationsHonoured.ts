import { defineCheck, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { clusterSettingsIn } from '../../src/expect/agent/AgentConfig.ts';
import { replacementOn } from '../../src/expect/kube-proxy/replacement.ts';
import { servicePrefix } from '../../src/knowledge/serviceAnnotations.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { type AnnotationContext, type AnnotationFault, annotationFault } from './annotationFault.ts';
import { type AnnotatedObject, annotationFinding } from './annotationFinding.ts';
import { kpr5005 } from './problems/KPR5005.ts';

export const serviceAnnotationsHonoured = defineCheck({
  id: 'service-annotations',
  title: 'The annotations of Services are known, valid and in effect',
  area: 'services',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5005],
  needs: { cluster: ['services'] },
  wants: { cluster: ['ciliumConfig', 'endpointSlices', 'nodes'], node: ['status'] },
  run({ snapshot, cluster, evidence }) {
    const context = contextOf(snapshot);
    const faults = new Map<string, { fault: AnnotationFault; key: string; value: string; objects: ObjectRef[] }>();
    const note = (fault: AnnotationFault, key: string, value: string, object: ObjectRef): void => {
      // What differs by nothing that is said of it, is one finding about several objects.
      const group = JSON.stringify([fault, key, fault.kind === 'invalidValue' ? value : '']);
      const known = faults.get(group);
      if (known === undefined) faults.set(group, { fault, key, value, objects: [object] });
      else known.objects.push(object);
    };
    const judge = (kind: 'Service' | 'EndpointSlice', { metadata }: AnnotatedObject): void => {
      const annotations = metadata.annotations ?? {};
      for (const [key, value] of Object.entries(annotations)) {
        const fault = annotationFault(kind, key, annotations, context);
        if (fault !== undefined)
          note(fault, key, value, { kind, namespace: metadata.namespace ?? '', name: metadata.name });
      }
    };
    for (const service of cluster.services) judge('Service', service);
    // The weight alone is read from EndpointSlices; other keys come there as copies of a Service's, or of Endpoints'.
    for (const slice of valueOf(snapshot.facts.endpointSlices) ?? []) {
      if (slice.metadata.annotations?.[`${servicePrefix}weight`] !== undefined) judge('EndpointSlice', slice);
    }

    const open = [...faults.values()].filter(({ fault }) => fault.kind === 'undecided');
    const found: (Finding<'KPR5005'> | Undecided)[] = [...faults.values()].flatMap(({ fault, key, value, objects }) =>
      annotationFinding(fault, { key, value, objects, version: context.version }, (excerpt) =>
        evidence(objects[0]?.kind === 'EndpointSlice' ? 'endpointSlices' : 'services', excerpt),
      ),
    );
    return [
      ...found,
      ...asLabels(cluster.services),
      ...onNodes(snapshot),
      ...(open.length > 0 ? [undecidedOf(snapshot)] : []),
    ];
  },
});

/** What any agent honours counts: agents that disagree are another check's. */
function contextOf(snapshot: Snapshot): AnnotationContext {
  const settings = clusterSettingsIn(snapshot);
  const statuses = snapshot.nodes.flatMap((node) =>
    replacementOn(node, snapshot) === 'on' ? (valueOf(node.facts.status) ?? []) : [],
  );
  const lists = statuses.flatMap(({ kpr }) => (kpr?.annotations === undefined ? [] : [kpr.annotations]));
  return {
    honoured: lists.length === 0 ? undefined : new Set(lists.flat()),
    settings: 'missing' in settings ? undefined : settings,
    version: statuses.find(({ version }) => version !== undefined)?.version,
  };
}

function asLabels(services: readonly AnnotatedObject[]): Finding<'KPR5005'>[] {
  return services.flatMap(({ metadata: { labels, namespace = '', name } }) =>
    Object.entries(labels ?? {})
      .filter(([key]) => key.startsWith(servicePrefix))
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
function onNodes({ facts }: Snapshot): Finding<'KPR5005'>[] {
  const key = `${servicePrefix}node`;
  return (valueOf(facts.nodes) ?? []).flatMap(({ metadata: { annotations, labels, name } }) => {
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

const undecidedOf = ({ facts }: Snapshot): Undecided =>
  undecided(
    isKnown(facts.ciliumConfig) ? missing('absent', 'no agent says which annotations it honours') : facts.ciliumConfig,
  );
