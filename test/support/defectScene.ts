import { noKnownDefect } from '../../checks/agents/noKnownDefect.ts';
import { tablesMatch } from '../../checks/tables/tablesMatch.ts';
import type { CiliumLocalRedirectPolicy, EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import type { ModuleHealth, NodeAddress } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { aSnapshot, findingsOf } from './aSnapshot.ts';
import { addressOf, aNode, ciliumConfig } from './healthy.ts';
import { shopFacts } from './shopTables.ts';

/** What of node n1 or of the cluster is otherwise than healthy. */
export interface Given {
  /** Without the objects of the healthy cluster. */
  readonly only?: boolean;
  /** Beside those of the healthy cluster. */
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
  readonly policies?: readonly CiliumLocalRedirectPolicy[];
  /** Beside those of a Helm installation. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Beside 172.30.0.11. */
  readonly addresses?: readonly NodeAddress[];
  readonly table?: LbTable;
  /** What a module complains of. */
  readonly said?: string;
  readonly kernel?: string;
  readonly zone?: string;
  readonly isAgentReady?: boolean;
}

const n1 = addressOf('n1');

/** A cluster of this version, of which n1 is as given. */
export function clusterWith(given: Given, version: string): Snapshot {
  const { services = [], slices = [], pods = [], policies = [], settings = {}, addresses = [], table } = given;
  const { said, kernel, zone, isAgentReady = true } = given;
  const node = aNode('n1');
  const labels = { ...node.metadata.labels, ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }) };
  return aSnapshot({
    facts: {
      ...(given.only === true ? { services, endpointSlices: slices } : shopFacts(services, slices)),
      pods: [...pods],
      localRedirectPolicies: [...policies],
      ciliumConfig: new Map([...ciliumConfig, ...Object.entries(settings)]),
      nodes: [{ ...node, metadata: { ...node.metadata, labels } }, aNode('n2')],
    },
    nodes: {
      n1: {
        status: { version, message: `${version} (v${version}-5e7d2f2c)` },
        startedConfig: new Map([...ciliumConfig, ...Object.entries(settings)]),
        nodeAddresses: [{ address: n1, nodePort: true, primary: true, device: 'eth0' }, ...addresses],
        ...(table === undefined ? {} : { lbTable: table }),
        ...(said === undefined ? {} : { moduleHealth: [complaint(said)] }),
        ...(kernel === undefined ? {} : { kernel }),
        agent: { ready: isAgentReady },
      },
      n2: { coverage: { kind: 'notSelected' } },
    },
  });
}

const complaint = (message: string): ModuleHealth => ({
  module: 'agent.datapath.orchestrator',
  component: 'job-reconcile',
  level: 'Degraded',
  message,
  error: '',
  lastOk: undefined,
});

/** What is said of known defects, a line each: `cilium/cilium#41521 shop/dns`; of explained rows `…: KPR4004`. */
export function saidOf(snapshot: Snapshot): readonly string[] {
  const told = findingsOf(noKnownDefect, snapshot).map(({ params, objects }) =>
    [params['reference'], ...objects.map(({ namespace, name }) => `${namespace ?? ''}/${name}`)].join(' '),
  );
  const explained = findingsOf(tablesMatch, snapshot).flatMap(({ code, params }) =>
    params['reference'] === undefined ? [] : [`${params['reference']}: ${code}`],
  );
  return [...told, ...explained];
}
