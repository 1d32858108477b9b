import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, pass, passUnless } from '../../src/core/Outcome.ts';
import type { ClusterPart } from '../../src/core/View.ts';
import { clusterConfigurationOf, isProxyDisabled } from '../../src/expect/api-server/clusterConfiguration.ts';
import { isKubeProxyDaemonSet } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { DaemonSet, Node } from '../../src/model/kubernetes.ts';
import { kpr3002 } from './problems/KPR3002.ts';

export const kubeProxyStaysAway = defineCheck({
  id: 'kube-proxy-stays-away',
  title: 'Nothing is left that would bring kube-proxy back',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3002],
  requires: { cluster: ['version', 'daemonSets', 'kubeProxyConfig', 'kubeadmConfig'] },
  optional: { cluster: ['nodes'] },
  uses: [replacementWanted],
  run({ cluster, frame, derived, evidence }) {
    const wanted = derived(replacementWanted);
    if (wanted === 'off') return notApplicable('kube-proxy replacement is off, so kube-proxy is needed');
    if (wanted !== 'on') return inconclusive(wanted);
    const daemonSets = cluster.daemonSets.filter(isKubeProxyDaemonSet);
    const running = daemonSets.find(({ status }) => (status?.desiredNumberScheduled ?? 0) > 0);
    if (running !== undefined)
      return notApplicable('kube-proxy has not gone yet: its DaemonSet still runs (kube-proxy-absent)');
    // The ConfigMap belongs to a parked DaemonSet and goes with it.
    if (daemonSets.length > 0)
      return passUnless(
        daemonSets.map((one) =>
          parked(one, (excerpt) => evidence('daemonSets', { lines: [excerpt], of: [one.metadata.name] })),
        ),
      );
    const configMap = cluster.kubeProxyConfig !== undefined;
    const kubeadm = frame.distribution !== 'kind' && doesKubeadmForget(cluster);
    const looksAtIt = cluster.kubeadmConfig !== undefined && cluster.version.minor <= 31;
    const variant = variantOf(configMap, kubeadm, looksAtIt);
    if (variant === undefined) return pass;
    const objects = [...(configMap ? ['kube-proxy'] : []), ...(kubeadm ? ['kubeadm-config'] : [])].map(configMapRef);
    const seen = [
      ...(configMap ? [evidence('kubeProxyConfig', 'ConfigMap kube-system/kube-proxy exists')] : []),
      ...(kubeadm ? [evidence('kubeadmConfig', 'ClusterConfiguration: no proxy.disabled: true')] : []),
    ];
    return finding(kpr3002, variant, {}, { objects, evidence: seen });
  },
});

function parked(
  { metadata, spec }: DaemonSet,
  evidence: (excerpt: string) => Finding<'KPR3002'>['evidence'][number],
): Finding<'KPR3002'> {
  const { namespace = '', name } = metadata;
  const labels = Object.entries(spec?.template?.spec?.nodeSelector ?? {}).filter(([key]) => key !== 'kubernetes.io/os');
  const selector = labels.map(([key, value]) => `${key}=${value}`).join(', ') || 'none matches';
  return finding(
    kpr3002,
    'parked',
    { what: `${namespace}/${name}`, selector },
    {
      objects: [{ kind: 'DaemonSet', namespace, name }],
      evidence: [evidence(`${namespace}/${name}: desiredNumberScheduled 0, nodeSelector ${selector}`)],
    },
  );
}

/**
 * Whether kubeadm's next upgrade deploys kube-proxy whatever is there: from 1.32 on only `proxy.disabled` keeps it
 * away, and an upgrade is done by the kubeadm of the next version (kubernetes:
 * cmd/kubeadm/app/cmd/phases/upgrade/addons.go). kind and Cluster API make new nodes instead of upgrading with kubeadm.
 */
function doesKubeadmForget({
  kubeadmConfig,
  version,
  nodes,
}: ClusterPart<'kubeadmConfig' | 'version', 'nodes'>): boolean {
  const configuration = clusterConfigurationOf(kubeadmConfig);
  if (configuration === undefined || version.major !== 1 || version.minor < 31) return false;
  return !(valueOf(nodes) ?? []).some(isMachine) && !isProxyDisabled(configuration);
}

const isMachine = ({ metadata }: Node): boolean => metadata.annotations?.['cluster.x-k8s.io/machine'] !== undefined;

function variantOf(configMap: boolean, kubeadmForgets: boolean, kubeadmLooksAtConfigMap: boolean) {
  if (configMap && kubeadmForgets) return 'configMapAndKubeadmConfig';
  if (kubeadmForgets) return 'kubeadmConfig';
  if (!configMap) return undefined;
  return kubeadmLooksAtConfigMap ? 'configMap' : 'configMapAlone';
}

const configMapRef = (name: string): ObjectRef => ({ kind: 'ConfigMap', namespace: 'kube-system', name });
