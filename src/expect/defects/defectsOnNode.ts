import { defineNodeDerived } from '../../core/Derived.ts';
import { parseVersion, type Version } from '../../knowledge/version.ts';
import { type Fact, isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { Node } from '../../model/kubernetes.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import { type FirmDifference, isCertain, isFirm } from '../parity/Difference.ts';
import { type NodeParity, tableParity } from '../parity/tableParity.ts';
import { isAffected } from './affected.ts';
import type { Defect, Encounter } from './Defect.ts';
import { defects } from './defects.ts';
import type { SceneFacts } from './Scene.ts';

/** A defect of the node's version, and how it meets the cluster there; missing: whether it does is not known. */
export interface Met {
  readonly defect: Defect;
  readonly encounter: Encounter | Missing;
}

export interface DefectsOnNode {
  readonly version: Version;
  readonly met: readonly Met[];
}

/** Which defects of its version concern a node; missing where nobody tells the version. */
export const defectsOnNode = defineNodeDerived({
  name: 'defectsOnNode',
  optional: {
    cluster: ['services', 'endpointSlices', 'pods', 'localRedirectPolicies', 'nodes'],
    node: ['nodeAddresses', 'lbTable', 'moduleHealth', 'kernel'],
  },
  uses: [agentConfigOnNode, tableParity],
  compute:
    ({ cluster }) =>
    ({ name, agent, facts, derived }): DefectsOnNode | Missing => {
      const config = derived(agentConfigOnNode);
      if ('missing' in config) return config;
      if (config.versionFrom === 'assumed') return missing('notCollected', 'no agent told its version');
      const node = nodeIn(cluster.nodes, name);
      const scene: SceneFacts = {
        settings: config.settings,
        services: orMissing(cluster.services),
        slices: orMissing(cluster.endpointSlices),
        pods: orMissing(cluster.pods),
        policies: orMissing(cluster.localRedirectPolicies),
        node,
        addresses: orMissing(facts.nodeAddresses),
        table: orMissing(facts.lbTable),
        // Comparing is dear: it is done where a defect of this version asks for it.
        get differences() {
          return firmDifferences(derived(tableParity));
        },
        health: orMissing(facts.moduleHealth),
        kernel: kernelOf(facts.kernel, node),
        agent: { isReady: agent?.ready === true },
      };
      return { version: config.version, met: metIn(scene, config.version) };
    },
});

const metIn = (scene: SceneFacts, version: Version): readonly Met[] =>
  defects
    .filter((defect) => isAffected(defect, version))
    .flatMap((defect) => {
      const encounter = defect.encounter(scene);
      return encounter === undefined ? [] : [{ defect, encounter }];
    });

const orMissing = <T>(fact: Fact<T>): T | Missing => (isKnown(fact) ? fact.value : fact);

function nodeIn(nodes: Fact<readonly Node[]>, name: string): Node | Missing {
  if (!isKnown(nodes)) return nodes;
  return nodes.value.find(({ metadata }) => metadata.name === name) ?? missing('absent', 'the API has no such node');
}

/** As the node itself says or, where it was not asked, as its kubelet has reported. */
function kernelOf(kernel: Fact<string>, node: Node | Missing): Version | Missing {
  const text = valueOf(kernel) ?? ('missing' in node ? undefined : node.status?.nodeInfo?.kernelVersion);
  return parseVersion(text) ?? (isKnown(kernel) ? missing('unparsed', `no kernel release: ${kernel.value}`) : kernel);
}

function firmDifferences(parity: NodeParity): readonly FirmDifference[] | Missing {
  return parity.judged ? parity.differences.filter(isFirm).filter(isCertain) : parity.why;
}

/** The defect by which a difference is as it is; undefined: none that is known. */
export const defectBehind = (difference: FirmDifference, { met }: DefectsOnNode): Defect | undefined =>
  met.find(({ defect, encounter }) => !('missing' in encounter) && isBehind(difference, defect, encounter))?.defect;

function isBehind({ kind, owner, frontend }: FirmDifference, { explains }: Defect, encounter: Encounter): boolean {
  const { objects, rows } = encounter;
  if (!explains.includes(kind)) return false;
  if (rows !== undefined) return rows.includes(frontend);
  return (
    objects === 'all' ||
    objects.some(
      (object) => object.kind === owner?.kind && object.namespace === owner.namespace && object.name === owner.name,
    )
  );
}
