import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { findClusterDns, isWhereKubeletsSend } from '../../expect/clusterDns.ts';
import { isKnown } from '../../model/Fact.ts';
import type { DocumentName, RawDocument, RawDocuments } from '../../model/raw.ts';
import type { DocumentReader } from '../../parse/DocumentReader.ts';
import { readListPage } from '../api/readDocument.ts';
import type { ClusterPort } from '../ClusterPort.ts';
import type { CollectPlan } from '../RawSource.ts';
import { trimCiliumNode, trimObject, trimPod, trimWorkload } from '../trimObjects.ts';
import { leftOut, union } from './documentLists.ts';
import { DocumentRequests, type RequestOptions } from './DocumentRequests.ts';
import { failUnlessListing, failUnlessReachable, failWithoutNodes } from './failUnlessAnswered.ts';
import { ciliumNamespace, kubeProxyNamespaces } from './namespaces.ts';
import {
  allEndpointSlices,
  allServices,
  deploymentsOf,
  dnsSelector,
  podsOf,
  type Request,
  serversSelector,
} from './requests.ts';

export interface Collected {
  readonly documents: Promise<RawDocuments>;
  /**
   * What nodes need to be asked, long before the rest of a large cluster is there: `systemPods` with all
   * agents, and of `services` and `endpointSlices` those of cluster DNS. Undefined where these alone do not
   * tell; then the documents do.
   */
  readonly ahead: Promise<RawDocuments | undefined>;
  /**
   * What tells where connections of nodes to each other go (`reachDocuments`), as soon as that is there: of a cluster
   * with more Services than pods long before the rest.
   */
  readonly places: Promise<RawDocuments>;
  /** About how many Services there are; undefined: the server does not say. */
  readonly serviceCount: Promise<number | undefined>;
}

/** Reads what the plan names from the API; what stands beside Cilium as soon as it is known where that is. */
export function collectDocuments(
  port: ClusterPort,
  plan: CollectPlan,
  reader: DocumentReader,
  options: RequestOptions = {},
): Collected {
  const ask = new DocumentRequests(port, plan, reader, options);
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
  const lists = headStart(ahead).then(() => beginLists(ask, { pods, kubeletConfig }));
  const documents = lists.then((begun) => readAll(ask, port, plan, begun, reader));
  const places = lists.then((begun) => placesAmong(ahead, begun, documents));
  // Who waits for all documents hears why there are none.
  places.catch(() => {});
  return { ahead, serviceCount, places, documents };
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

/** All that is known without knowing where Cilium is; each comes when it comes. */
function beginLists(ask: DocumentRequests, begun: Begun) {
  return {
    version: ask.object('version', '/version', 'get --raw /version'),
    nodes: ask.collection('nodes', { path: '/api/v1/nodes', shown: 'get nodes -o json', trim: trimObject }),
    services: ask.collection('services', allServices),
    endpointSlices: ask.collection('endpointSlices', allEndpointSlices),
    daemonSets: ask.collection('daemonSets', {
      path: '/apis/apps/v1/daemonsets',
      shown: 'get daemonsets -A -o json',
      trim: trimWorkload,
    }),
    systemPods: begun.pods,
    pods: ask.pods(),
    localRedirectPolicies: ask.collection('localRedirectPolicies', {
      path: '/apis/cilium.io/v2/ciliumlocalredirectpolicies',
      shown: 'get ciliumlocalredirectpolicies -A -o json',
      trim: trimObject,
    }),
    ciliumNodeConfigs: ask.collection('ciliumNodeConfigs', {
      path: '/apis/cilium.io/v2/ciliumnodeconfigs',
      shown: 'get ciliumnodeconfigs -A -o json',
      trim: trimObject,
    }),
    ciliumNodes: ask.collection('ciliumNodes', {
      path: '/apis/cilium.io/v2/ciliumnodes',
      shown: 'get ciliumnodes -o json',
      trim: trimCiliumNode,
    }),
    kubeProxyConfig: ask.object(
      'kubeProxyConfig',
      '/api/v1/namespaces/kube-system/configmaps/kube-proxy',
      '-n kube-system get configmap kube-proxy -o json',
    ),
    kubeadmConfig: ask.object(
      'kubeadmConfig',
      '/api/v1/namespaces/kube-system/configmaps/kubeadm-config',
      '-n kube-system get configmap kubeadm-config -o json',
    ),
    kubeletConfig: begun.kubeletConfig,
    clusterInfo: ask.object(
      'clusterInfo',
      '/api/v1/namespaces/kube-public/configmaps/cluster-info',
      '-n kube-public get configmap cluster-info -o json',
    ),
  } satisfies Partial<Record<DocumentName, Promise<RawDocument>>>;
}

type Lists = ReturnType<typeof beginLists>;

/** Services and EndpointSlices tell only where cluster DNS is: those that are read ahead may be enough. */
async function placesAmong(
  ahead: Promise<RawDocuments | undefined>,
  begun: Lists,
  documents: Promise<RawDocuments>,
): Promise<RawDocuments> {
  const [first, nodes, pods, ciliumNodes] = await Promise.all([ahead, begun.nodes, begun.pods, begun.ciliumNodes]);
  return first === undefined ? documents : { ...first, nodes, pods, ciliumNodes };
}

async function readAll(
  ask: DocumentRequests,
  port: ClusterPort,
  plan: CollectPlan,
  begun: Lists,
  reader: DocumentReader,
): Promise<RawDocuments> {
  const inCilium = Promise.all([begun.daemonSets, begun.systemPods]).then(([daemonSets, systemPods]) =>
    readInCilium(ask, { daemonSets, systemPods, ciliumNodeConfigs: begun.ciliumNodeConfigs }, plan, reader),
  );
  // Where nothing else came, that is what is told.
  inCilium.catch(() => {});
  const answered = Object.entries(begun).map(async ([name, document]) => [name, await document] as const);
  const first: RawDocuments = { ...leftOut(), ...Object.fromEntries(await Promise.all(answered)) };
  failUnlessReachable(port, first.version);
  failUnlessListing(port, [first.nodes, first.services, first.endpointSlices, first.daemonSets, first.systemPods]);
  failWithoutNodes(plan, [first.nodes, first.daemonSets, first.systemPods]);
  const { otherPods, deployments, ciliumConfig, ciliumNodeConfigs } = await inCilium;
  return {
    ...first,
    localRedirectPolicies: orNone(port, first.localRedirectPolicies, 'ciliumlocalredirectpolicies'),
    ciliumNodes: orNone(port, first.ciliumNodes, 'ciliumnodes'),
    systemPods: union([first.systemPods, ...otherPods]),
    deployments,
    ciliumConfig,
    ciliumNodeConfigs: orNone(port, ciliumNodeConfigs, 'ciliumnodeconfigs'),
  };
}

/** What stands where Cilium is, and kube-proxy. Throws KprError when there is no Cilium to be found. */
async function readInCilium(
  ask: DocumentRequests,
  first: Pick<RawDocuments, 'daemonSets' | 'systemPods'> & Pick<Lists, 'ciliumNodeConfigs'>,
  plan: CollectPlan,
  reader: DocumentReader,
) {
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
    first.ciliumNodeConfigs.then((all) =>
      'missing' in all && all.missing === 'forbidden'
        ? ask.collection('ciliumNodeConfigs', nodeConfigsIn(namespace))
        : all,
    ),
    Promise.all(
      [...new Set([namespace, 'kube-system'])].map((name) => ask.collection('deployments', deploymentsOf(name))),
    ),
    Promise.all(others.map((name) => ask.collection('systemPods', podsOf(name)))),
  ]);
  return { ciliumConfig, ciliumNodeConfigs, deployments: union(deployments), otherPods };
}

/** Whoever may not list those of all namespaces may list those that agents read. */
const nodeConfigsIn = (namespace: string): Request => ({
  path: `/apis/cilium.io/v2/namespaces/${namespace}/ciliumnodeconfigs`,
  shown: `-n ${namespace} get ciliumnodeconfigs -o json`,
  trim: trimObject,
});

/** A kind that is not installed (an older Cilium, a feature that is off) has no objects. */
const orNone = (port: ClusterPort, document: RawDocument, kind: string): RawDocument =>
  'missing' in document && document.missing === 'absent'
    ? { value: [], source: `${port.kubectl} get crd ${kind}.cilium.io` }
    : document;
