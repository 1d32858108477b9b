import { isKnown, valueOf } from '../model/Fact.ts';
import type { Node } from '../model/kubernetes.ts';
import type { ClusterFacts, Distribution } from '../model/Snapshot.ts';

type Facts = Pick<ClusterFacts, 'version' | 'nodes' | 'daemonSets' | 'kubeadmConfig'>;

/** How the cluster was made, as far as it shows: it decides who owns kube-proxy, and how it is turned off. */
export function detectDistribution(facts: Facts): Distribution {
  const nodes = valueOf(facts.nodes) ?? [];
  const versions = [
    valueOf(facts.version)?.gitVersion ?? '',
    ...nodes.map(({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  ];
  const sign = signs.find(
    ({ version, node }) =>
      (version !== undefined && versions.some((text) => version.test(text))) ||
      (node !== undefined && nodes.some(node)),
  );
  if (sign !== undefined) return sign.distribution;
  const made = (valueOf(facts.daemonSets) ?? []).some(({ metadata }) => metadata.namespace?.startsWith('openshift-'));
  if (made) return 'openshift';
  const kubeadm = isKnown(facts.kubeadmConfig) && facts.kubeadmConfig.value !== undefined;
  return kubeadm || nodes.some(hasAnnotation('kubeadm.alpha.kubernetes.io/')) ? 'kubeadm' : 'other';
}

const hasLabel =
  (prefix: string) =>
  ({ metadata }: Node): boolean =>
    Object.keys(metadata.labels ?? {}).some((key) => key.startsWith(prefix));

const hasAnnotation =
  (prefix: string) =>
  ({ metadata }: Node): boolean =>
    Object.keys(metadata.annotations ?? {}).some((key) => key.startsWith(prefix));

const hasProvider =
  (scheme: string) =>
  ({ spec }: Node): boolean =>
    spec?.providerID?.startsWith(`${scheme}://`) ?? false;

const hasOs =
  (name: RegExp) =>
  ({ status }: Node): boolean =>
    name.test(status?.nodeInfo?.osImage ?? '');

/** In the order of their certainty: kind and Talos are made with kubeadm's or their own means below other signs. */
const signs: readonly {
  readonly distribution: Distribution;
  readonly version?: RegExp;
  readonly node?: (node: Node) => boolean;
}[] = [
  { distribution: 'k3s', version: /\+k3s\d/ },
  { distribution: 'rke2', version: /\+rke2r?\d/ },
  { distribution: 'k0s', version: /\+k0s/ },
  { distribution: 'eks', version: /-eks-/ },
  { distribution: 'gke', version: /-gke\./ },
  { distribution: 'kind', node: hasProvider('kind') },
  { distribution: 'talos', node: hasOs(/^Talos/i) },
  { distribution: 'openshift', node: hasOs(/CoreOS.*OpenShift|Red Hat Enterprise Linux CoreOS/) },
  { distribution: 'openshift', node: hasLabel('node.openshift.io/') },
  { distribution: 'aks', node: hasLabel('kubernetes.azure.com/cluster') },
  { distribution: 'microk8s', node: hasLabel('microk8s.io/') },
];
