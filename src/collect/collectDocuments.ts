import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { KprError } from '../core/KprError.ts';
import { findClusterDns, isWhereKubeletsSend } from '../expect/clusterDns.ts';
import { isKubeProxyDaemonSet } from '../expect/kube-proxy/kubeProxyPresence.ts';
import { isKnown, missing, type Missing, valueOf } from '../model/Fact.ts';
import { isClusterOwnedDaemonSet } from '../model/clusterOwned.ts';
import { documentNames, type DocumentName, type RawDocument, type RawDocuments } from '../model/raw.ts';
import type { DocumentReader } from '../parse/DocumentReader.ts';
import { agentNamespaceByPods, findCilium, isAgentDaemonSet } from '../parse/findCilium.ts';
import type { Answer, ClusterPort } from './ClusterPort.ts';
import type { CollectPlan } from './RawSource.ts';
import { orAborted } from './api/withDeadline.ts';
import { whyUnanswered } from './runEnd.ts';
import { EarlierObjects } from './EarlierObjects.ts';
import { namedAs } from './namedAs.ts';
import { SharedParts } from './SharedParts.ts';
import { readListPage } from './api/readDocument.ts';
import { trimCiliumNode, trimObject, trimPod, trimPodTraffic, trimWorkload } from './trimObjects.ts';

interface Request {
  readonly path: string;
  /** What a person types to see the same. */
  readonly shown: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly trim: (object: unknown) => unknown;
}

export interface Collected {
  readonly documents: Promise<RawDocuments>;
  /**
   * What nodes need to be asked, long before the rest of a large cluster is there: `systemPods` with all
   * agents, and of `services` and `endpointSlices` those of cluster DNS. Undefined where these alone do not
   * tell; then the documents do.
   */
  readonly ahead: Promise<RawDocuments | undefined>;
  /** About how many Services there are; undefined: the server does not say. */
  readonly serviceCount: Promise<number | undefined>;
}

export interface CollectOptions {
  /** When, by the clock of `performance`, lists that have not come to an end are given up. */
  readonly until?: () => number;
  /** What an earlier reading gave; undefined: there was none. */
  readonly before?: RawDocuments | undefined;
}

/** Reads what the plan names from the API, in two rounds: where Cilium is, is known only after the first. */
export function collectDocuments(
  port: ClusterPort,
  plan: CollectPlan,
  reader: DocumentReader,
  options: CollectOptions = {},
): Collected {
  const ask = new DocumentRequests(port, plan, options);
  // First, so that they are the first to get a connection.
  const systemPods = ask.collection('systemPods', podsOf('kube-system'));
  const agents = ask.collection('systemPods', {
    path: '/api/v1/pods',
    query: { labelSelector: 'k8s-app=cilium' },
    shown: 'get pods -A -l k8s-app=cilium -o json',
    trim: trimPod,
  });
  const pods = Promise.all([systemPods, agents]).then(union);
  const kubeletConfig = ask.object(
    'kubeletConfig',
    '/api/v1/namespaces/kube-system/configmaps/kubelet-config',
    '-n kube-system get configmap kubelet-config -o json',
  );
  const ahead = readAhead(ask, plan, { pods, kubeletConfig }, reader);
  const serviceCount = countServices(port, plan);
  return {
    ahead,
    serviceCount,
    documents: headStart(ahead).then(() => readAll(ask, port, plan, { pods, kubeletConfig }, reader)),
  };
}

/** How long a cluster that is far away, where each round trip takes this, has nothing else to do. */
const headStartMs = 100;

/**
 * Nodes take longer than all documents of a small cluster: they are to be asked before these take up connections and
 * processors. By then there are connections to be used again, too.
 */
async function headStart(ahead: Promise<unknown>): Promise<void> {
  await Promise.race([ahead, sleep(headStartMs, undefined, { ref: false })]);
  await setImmediate();
}

/** By a page of one of them: behind it API servers say how many are left. */
async function countServices(port: ClusterPort, plan: CollectPlan): Promise<number | undefined> {
  if (!plan.documents.has('services')) return undefined;
  const answer = await port.get(`${allServices.path}?limit=1`);
  const page = answer.ok ? readListPage(allServices.path, answer.value) : answer;
  if (!page.ok) return undefined;
  const { items, continueToken, remaining } = page.value;
  return continueToken === '' ? items.length : remaining && items.length + remaining;
}

/** What is asked for at once, and once. */
interface Begun {
  readonly pods: Promise<RawDocument>;
  readonly kubeletConfig: Promise<RawDocument>;
}

async function readAhead(
  ask: DocumentRequests,
  plan: CollectPlan,
  begun: Begun,
  reader: DocumentReader,
): Promise<RawDocuments | undefined> {
  const selectors = [
    ...(plan.answers.has('dnsProbe') ? [{ services: dnsSelector, slices: dnsSelector }] : []),
    ...(plan.answers.has('serversProbe') ? [serversSelector] : []),
  ];
  const some = (name: 'services' | 'endpointSlices', request: Request, wanted: readonly string[]) =>
    wanted.map((labelSelector) => ask.collection(name, { ...request, query: { labelSelector } }));
  const [systemPods, kubeletConfig, services, endpointSlices] = await Promise.all([
    begun.pods,
    begun.kubeletConfig,
    Promise.all(
      some(
        'services',
        allServices,
        selectors.map((one) => one.services),
      ),
    ),
    Promise.all(
      some(
        'endpointSlices',
        allEndpointSlices,
        selectors.map((one) => one.slices),
      ),
    ),
  ]);
  if ('missing' in systemPods) return undefined;
  const ahead = {
    ...leftOut(),
    systemPods,
    kubeletConfig,
    services: union(services),
    endpointSlices: union(endpointSlices),
  };
  if (!plan.answers.has('dnsProbe')) return ahead;
  const facts = reader.read(ahead);
  if (!isKnown(facts.services) || !isKnown(facts.endpointSlices)) return undefined;
  // Slices that somebody made by hand need not bear the Service's labels; then all are needed to find them.
  const dns = findClusterDns(facts.services.value, facts.endpointSlices.value, facts.kubeletConfig);
  if (dns === undefined || dns.endpoints.length === 0) return undefined;
  // Nor need the Service that kubelets name have that label.
  return isWhereKubeletsSend(dns.service, facts.kubeletConfig) ? ahead : undefined;
}

async function readAll(
  ask: DocumentRequests,
  port: ClusterPort,
  plan: CollectPlan,
  begun: Begun,
  reader: DocumentReader,
): Promise<RawDocuments> {
  const [
    version,
    nodes,
    services,
    endpointSlices,
    daemonSets,
    systemPods,
    pods,
    localRedirectPolicies,
    ciliumNodes,
    kubeProxyConfig,
    kubeadmConfig,
    kubeletConfig,
    clusterInfo,
  ] = await Promise.all([
    ask.object('version', '/version', 'get --raw /version'),
    ask.collection('nodes', { path: '/api/v1/nodes', shown: 'get nodes -o json', trim: trimObject }),
    ask.collection('services', allServices),
    ask.collection('endpointSlices', allEndpointSlices),
    ask.collection('daemonSets', {
      path: '/apis/apps/v1/daemonsets',
      shown: 'get daemonsets -A -o json',
      trim: trimWorkload,
    }),
    begun.pods,
    ask.pods(),
    ask.collection('localRedirectPolicies', {
      path: '/apis/cilium.io/v2/ciliumlocalredirectpolicies',
      shown: 'get ciliumlocalredirectpolicies -A -o json',
      trim: trimObject,
    }),
    ask.collection('ciliumNodes', {
      path: '/apis/cilium.io/v2/ciliumnodes',
      shown: 'get ciliumnodes -o json',
      trim: trimCiliumNode,
    }),
    ask.object(
      'kubeProxyConfig',
      '/api/v1/namespaces/kube-system/configmaps/kube-proxy',
      '-n kube-system get configmap kube-proxy -o json',
    ),
    ask.object(
      'kubeadmConfig',
      '/api/v1/namespaces/kube-system/configmaps/kubeadm-config',
      '-n kube-system get configmap kubeadm-config -o json',
    ),
    begun.kubeletConfig,
    ask.object(
      'clusterInfo',
      '/api/v1/namespaces/kube-public/configmaps/cluster-info',
      '-n kube-public get configmap cluster-info -o json',
    ),
  ]);
  failUnlessReachable(port, version);
  failUnlessListing(port, [nodes, services, endpointSlices, daemonSets, systemPods]);
  failWithoutNodes(plan, [nodes, daemonSets, systemPods]);

  const first = {
    version,
    nodes,
    services,
    endpointSlices,
    daemonSets,
    systemPods,
    pods,
    localRedirectPolicies: orNone(port, localRedirectPolicies, 'ciliumlocalredirectpolicies'),
    ciliumNodes: orNone(port, ciliumNodes, 'ciliumnodes'),
    kubeProxyConfig,
    kubeadmConfig,
    kubeletConfig,
    clusterInfo,
  };
  const namespace = ciliumNamespace(first, plan, reader);
  const others = [...new Set([namespace, ...kubeProxyNamespaces(first, reader)])].filter(
    (name) => name !== 'kube-system',
  );
  const [ciliumConfig, ciliumNodeConfigs, deployments, otherPods] = await Promise.all([
    ask.object(
      'ciliumConfig',
      `/api/v1/namespaces/${namespace}/configmaps/cilium-config`,
      `-n ${namespace} get configmap cilium-config -o json`,
    ),
    ask.collection('ciliumNodeConfigs', {
      path: `/apis/cilium.io/v2/namespaces/${namespace}/ciliumnodeconfigs`,
      shown: `-n ${namespace} get ciliumnodeconfigs -o json`,
      trim: trimObject,
    }),
    Promise.all(
      [...new Set([namespace, 'kube-system'])].map((name) => ask.collection('deployments', deploymentsOf(name))),
    ),
    Promise.all(others.map((name) => ask.collection('systemPods', podsOf(name)))),
  ]);
  return {
    ...first,
    systemPods: union([first.systemPods, ...otherPods]),
    deployments: union(deployments),
    ciliumConfig,
    ciliumNodeConfigs: orNone(port, ciliumNodeConfigs, 'ciliumnodeconfigs'),
  };
}

class DocumentRequests {
  readonly #port: ClusterPort;
  readonly #plan: CollectPlan;
  readonly #options: CollectOptions;
  readonly #shared = new SharedParts();

  constructor(port: ClusterPort, plan: CollectPlan, options: CollectOptions) {
    this.#port = port;
    this.#plan = plan;
    this.#options = options;
  }

  /** Those of all namespaces; where only some are read again, the others as they were. */
  async pods(): Promise<RawDocument> {
    const { podsAgain } = this.#plan;
    const before = this.#options.before?.pods;
    if (podsAgain === undefined || before === undefined || !this.#plan.documents.has('pods') || !isList(before))
      return this.collection('pods', allPods);
    const again = await Promise.all([...podsAgain].map((name) => this.collection('pods', trafficOf(name))));
    return again.length === 0 ? before : union([without(before, podsAgain), ...again]);
  }

  async object(name: DocumentName, path: string, shown: string): Promise<RawDocument> {
    if (!this.#plan.documents.has(name)) return notAsked;
    return this.#toDocument(await this.#unlessEnded(this.#port.get(path)), shown, trimObject);
  }

  async collection(name: DocumentName, { path, query, shown, trim }: Request): Promise<RawDocument> {
    if (!this.#plan.documents.has(name)) return notAsked;
    const { before, until } = this.#options;
    const earlier = new EarlierObjects(before?.[name]);
    const isOfPods = name === 'pods' || name === 'systemPods';
    return this.#toDocument(
      await this.#unlessEnded(
        this.#port.list(path, {
          ...(query && { query }),
          ...(until && { until }),
          reduce: (object) => {
            const trimmed = trim(object);
            return earlier.like(trimmed) ?? (isOfPods ? this.#shared.pod(trimmed) : trimmed);
          },
        }),
      ),
      shown,
      (items) => earlier.listLike(items),
    );
  }

  /** What has come until the run is ended is judged; nobody waits for the rest. */
  async #unlessEnded<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
    const { signal } = this.#plan;
    if (signal === undefined) return answer;
    try {
      return await orAborted(answer, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { ok: false, why: whyUnanswered(signal) };
    }
  }

  #toDocument(answer: Answer<unknown>, shown: string, trim: (value: unknown) => unknown): RawDocument {
    return answer.ok ? { value: trim(answer.value), source: `${this.#port.kubectl} ${shown}` } : answer.why;
  }
}

const notAsked: Missing = missing('notCollected', 'no check of this run needs it');
const leftOut = (): RawDocuments => Object.fromEntries(documentNames.map((name) => [name, notAsked])) as RawDocuments;

/** These documents alone: to read all of a large cluster takes 100 ms. */
export const onlyDocuments = <N extends DocumentName>(
  documents: Pick<RawDocuments, N>,
  names: readonly N[],
): RawDocuments => ({
  ...leftOut(),
  ...Object.fromEntries(names.map((name) => [name, documents[name]])),
});

/** A kind that is not installed (an older Cilium, a feature that is off) has no objects. */
const orNone = (port: ClusterPort, document: RawDocument, kind: string): RawDocument =>
  'missing' in document && document.missing === 'absent'
    ? { value: [], source: `${port.kubectl} get crd ${kind}.cilium.io` }
    : document;

/** The label by which `findClusterDns` knows cluster DNS; slices get the labels of their Service. */
const dnsSelector = 'k8s-app=kube-dns';

/** The labels that API servers give their Service and its slice (kubernetes: pkg/controlplane/controller). */
const serversSelector = { services: 'component=apiserver', slices: 'kubernetes.io/service-name=kubernetes' };

const allServices: Request = { path: '/api/v1/services', shown: 'get services -A -o json', trim: trimObject };
const allEndpointSlices: Request = {
  path: '/apis/discovery.k8s.io/v1/endpointslices',
  shown: 'get endpointslices -A -o json',
  trim: trimObject,
};

const allPods: Request = { path: '/api/v1/pods', shown: 'get pods -A -o json', trim: trimPodTraffic };

const trafficOf = (namespace: string): Request => ({ ...podsOf(namespace), trim: trimPodTraffic });

const podsOf = (namespace: string): Request => ({
  path: `/api/v1/namespaces/${namespace}/pods`,
  shown: `-n ${namespace} get pods -o json`,
  trim: trimPod,
});

const deploymentsOf = (namespace: string): Request => ({
  path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
  shown: `-n ${namespace} get deployments -o json`,
  trim: trimWorkload,
});

/** Without an answer to the simplest question of all there is nothing to examine, and nothing to conclude. */
function failUnlessReachable(port: ClusterPort, version: RawDocument): void {
  if (!('missing' in version) || version.missing === 'forbidden' || version.missing === 'notCollected') return;
  throw new KprError(
    `The API server ${port.server} (context ${port.contextName}) can't be asked: ${version.detail}.`,
    `Try \`${port.kubectl} version\`; another context: --context NAME, another file: --kubeconfig FILE.`,
  );
}

/**
 * An API server whose etcd is gone still tells its version, and nothing else: then nothing is known about any node,
 * which must not be reported as if it were theirs.
 */
function failUnlessListing(port: ClusterPort, lists: readonly RawDocument[]): void {
  const failures = lists.filter((list) => 'missing' in list);
  const [first] = failures;
  const isServers = failures.every(({ missing: reason }) => reason === 'unreachable' || reason === 'timeout');
  if (first === undefined || failures.length < lists.length || !isServers) return;
  throw new KprError(
    `The API server ${port.server} (context ${port.contextName}) answers, but lists no objects: ${first.detail}.`,
    `See what it lacks, mostly etcd: \`${port.kubectl} get --raw '/readyz?verbose'\`.`,
  );
}

/** A run that is ended so early knows no node from another: there is nothing to report. */
function failWithoutNodes({ signal }: CollectPlan, lists: readonly RawDocument[]): void {
  if (signal?.aborted === true && lists.some((list) => 'missing' in list))
    throw new KprError('The run was ended before it was known which nodes there are', 'Give it more time');
}

/**
 * Where the agents are: as the user says, by their DaemonSet, or (when those may not be listed) by the pods themselves.
 */
function ciliumNamespace(
  documents: Pick<RawDocuments, 'daemonSets' | 'systemPods'>,
  plan: CollectPlan,
  reader: DocumentReader,
): string {
  if (plan.ciliumNamespace !== undefined) return plan.ciliumNamespace;
  const facts = reader.read(onlyDocuments(documents, ['daemonSets', 'systemPods']));
  if (isKnown(facts.daemonSets)) {
    // A cluster that still has kube-proxy alone is captured, too; whoever needs agents says that there are none.
    const before = !facts.daemonSets.value.some(isAgentDaemonSet) && facts.daemonSets.value.some(isKubeProxyDaemonSet);
    const pods = valueOf(facts.systemPods) ?? [];
    return before ? 'kube-system' : findCilium(facts.daemonSets.value, pods, undefined).namespace;
  }
  return agentNamespaceByPods(valueOf(facts.systemPods) ?? []) ?? 'kube-system';
}

/** OpenShift and others run kube-proxy in a namespace of its own. */
function kubeProxyNamespaces(documents: Pick<RawDocuments, 'daemonSets'>, reader: DocumentReader): string[] {
  const { daemonSets } = reader.read(onlyDocuments(documents, ['daemonSets']));
  if (!isKnown(daemonSets)) return [];
  return daemonSets.value
    .filter((one) => one.metadata.name.includes('kube-proxy') && isClusterOwnedDaemonSet(one))
    .flatMap(({ metadata }) => metadata.namespace ?? []);
}

const isList = (document: RawDocument): document is ListDocument =>
  !('missing' in document) && Array.isArray(document.value);

interface ListDocument {
  readonly value: readonly unknown[];
  readonly source: string;
}

/** A list without what is in these namespaces. */
const without = ({ value, source }: ListDocument, namespaces: ReadonlySet<string>): RawDocument => ({
  value: value.filter((object) => !namespaces.has(namedAs(object).namespace)),
  source,
});

/** Several lists as one, each object once; what one of them lacks, the union lacks. */
function union(documents: readonly RawDocument[]): RawDocument {
  const lacking = documents.find((document) => 'missing' in document);
  if (lacking !== undefined) return lacking;
  const lists = documents.filter(isList);
  const objects = new Map(lists.flatMap(({ value }) => value.map((object) => [namedAs(object).key, object])));
  return { value: [...objects.values()], source: lists[0]?.source ?? '' };
}
