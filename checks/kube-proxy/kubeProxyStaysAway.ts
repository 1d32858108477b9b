import { defineCheck, skip } from '../../src/core/OldCheck.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { clusterConfigurationOf, isProxyDisabled } from '../../src/expect/api-server/clusterConfiguration.ts';
import { isKubeProxyDaemonSet } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { ConfigMap, DaemonSet } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { replacementUnknown } from './replacementUnknown.ts';
import { kpr3002 } from './problems/KPR3002.ts';

export const kubeProxyStaysAway = defineCheck({
  id: 'kube-proxy-stays-away',
  title: 'Nothing is left that would bring kube-proxy back',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3002],
  needs: { cluster: ['version', 'daemonSets', 'kubeProxyConfig', 'kubeadmConfig'] },
  wants: { cluster: ['ciliumConfig', 'nodes'], node: ['status'] },
  run({ snapshot, cluster, evidence }) {
    const wanted = replacementWanted(snapshot);
    if (wanted === 'off') return skip('kube-proxy replacement is off, so kube-proxy is needed');
    if (wanted === 'unknown') return replacementUnknown(snapshot);
    const daemonSets = cluster.daemonSets.filter(isKubeProxyDaemonSet);
    const running = daemonSets.find(({ status }) => (status?.desiredNumberScheduled ?? 0) > 0);
    if (running !== undefined) return skip('kube-proxy has not gone yet: its DaemonSet still runs (kube-proxy-absent)');
    // The ConfigMap belongs to a parked DaemonSet and goes with it.
    if (daemonSets.length > 0) {
      return daemonSets.map((one) => parked(one, (excerpt) => evidence('daemonSets', excerpt)));
    }
    const configMap = cluster.kubeProxyConfig !== undefined;
    const kubeadm = doesKubeadmForget(cluster.kubeadmConfig, cluster.version, snapshot);
    const looksAtIt = cluster.kubeadmConfig !== undefined && cluster.version.minor <= 31;
    const variant = variantOf(configMap, kubeadm, looksAtIt);
    if (variant === undefined) return [];
    const objects = [...(configMap ? ['kube-proxy'] : []), ...(kubeadm ? ['kubeadm-config'] : [])].map(configMapRef);
    const seen = [
      ...(configMap ? [evidence('kubeProxyConfig', 'ConfigMap kube-system/kube-proxy exists')] : []),
      ...(kubeadm ? [evidence('kubeadmConfig', 'ClusterConfiguration: no proxy.disabled: true')] : []),
    ];
    return [finding(kpr3002, variant, {}, { objects, evidence: seen })];
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
function doesKubeadmForget(
  kubeadmConfig: ConfigMap | undefined,
  { major, minor }: { readonly major: number; readonly minor: number },
  { facts, distribution }: Snapshot,
): boolean {
  const configuration = clusterConfigurationOf(kubeadmConfig);
  if (configuration === undefined || distribution === 'kind' || major !== 1 || minor < 31) return false;
  const nodes = valueOf(facts.nodes) ?? [];
  if (nodes.some(({ metadata }) => metadata.annotations?.['cluster.x-k8s.io/machine'] !== undefined)) return false;
  return !isProxyDisabled(configuration);
}

function variantOf(configMap: boolean, kubeadmForgets: boolean, kubeadmLooksAtConfigMap: boolean) {
  if (configMap && kubeadmForgets) return 'configMapAndKubeadmConfig';
  if (kubeadmForgets) return 'kubeadmConfig';
  if (!configMap) return undefined;
  return kubeadmLooksAtConfigMap ? 'configMap' : 'configMapAlone';
}

const configMapRef = (name: string): ObjectRef => ({ kind: 'ConfigMap', namespace: 'kube-system', name });
