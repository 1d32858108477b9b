import type { Missing } from './Fact.ts';

/*
 * What was answered, before anybody reads meaning into it. A live cluster, a capture and a sysdump archive all become
 * this, so that one set of parsers and checks serves them, and a capture can be read again by a later version.
 */

export type Origin =
  | { readonly kind: 'live'; readonly context: string; readonly server: string; readonly kubectl: string }
  | {
      readonly kind: 'capture';
      readonly file: string;
      readonly context: string;
      readonly server: string;
      /** Names in it are pseudonyms. Captures of older versions do not say so. */
      readonly redacted?: true;
      /** Reaches the cluster that it was taken from; absent: how, is not known. */
      readonly kubectl?: string;
    }
  | { readonly kind: 'sysdump'; readonly file: string; readonly kubectl?: string };

/** Objects of the API by what they are for; `absent` for a single object that the API says does not exist. */
export type RawDocument = { readonly value: unknown; readonly source: string } | Missing;
export type RawDocuments = Readonly<Record<DocumentName, RawDocument>>;

/** Collections are arrays of objects, the others one object each. */
export const documentNames = [
  'version',
  'nodes',
  'services',
  'endpointSlices',
  'daemonSets',
  /** Deployments of the namespaces of Cilium and of kube-system. */
  'deployments',
  /**
   * Pods of kube-system and of Cilium's namespace, and Cilium's agents wherever they are; trimmed of
   * what no check reads.
   */
  'systemPods',
  /** Pods of all namespaces, trimmed to what decides where their traffic goes. */
  'pods',
  'localRedirectPolicies',
  'ciliumConfig',
  'ciliumNodeConfigs',
  /** What Cilium knows of each node, trimmed to its addresses, its health endpoint and the ranges of its pods. */
  'ciliumNodes',
  'kubeProxyConfig',
  'kubeadmConfig',
  'kubeletConfig',
  'clusterInfo',
] as const;
export type DocumentName = (typeof documentNames)[number];

export interface RawNode {
  readonly name: string;
  readonly answers: Readonly<Partial<Record<AnswerName, RawAnswer>>>;
  /** When it was heard and by what it proves what it says in little; undefined: an archive, where all say all. */
  readonly heard?: HeardAt;
}

export interface HeardAt {
  /** Of its exec alone. */
  readonly nonce: string;
  /** How many were heard before, by the same source: what these said was known. */
  readonly turn: number;
}

/**
 * What one command on a node printed. `command` is what a person types to see the same. `doubt`: what came when it was
 * asked before, and did not fit.
 */
export type RawAnswer =
  | {
      readonly text: string;
      readonly stderr: string;
      readonly exitCode: number;
      readonly command: string;
      readonly doubt?: string;
    }
  | (Missing & { readonly command?: string });

/** Names of what a node is asked; the commands behind them: knowledge/nodeCommands.ts. */
export const answerNames = [
  // through the agent
  'status',
  'frontends',
  'health',
  'nodeAddresses',
  'tables',
  'metrics',
  'serviceList',
  /** Of the agent's log only what tells of failed calls; nobody but sysdumps has it. */
  'agentLog',
  // the pinned maps, without the agent
  'lbDump',
  'lbList',
  'lbFrontends',
  'lbBackends',
  'lbRevnat',
  'lbSourceRanges',
  'lbMaps',
  // the node's own programs and files
  'startedConfig',
  'cgroupPrograms',
  'devicePrograms',
  'iptablesNft',
  'ip6tablesNft',
  'iptablesLegacy',
  'ip6tablesLegacy',
  'addresses',
  'ipsets',
  'ipsetSave',
  'ipvs',
  'listeners',
  'kernel',
  'defaultRoutes4',
  'defaultRoutes6',
  'routes4',
  'routes6',
  'routeRules',
  'sysctls',
  'kernelOptions',
  'nftTables',
  'nftFilters',
  'conntrack',
  // probes
  'proxyHealth',
  'apiProbe',
  'dnsProbe',
  'serversProbe',
  'reachProbe',
  // from the kube-proxy pod of the node, while there is one
  'proxyIptables',
  'proxyIp6tables',
  'proxyNft',
] as const;
export type AnswerName = (typeof answerNames)[number];
