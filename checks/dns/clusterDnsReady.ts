import { lastChangeOf } from '../../src/expect/settling/apiChanges.ts';
import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { pass } from '../../src/core/Outcome.ts';
import { dnsWithoutUdp, findClusterDns, unservedDns } from '../../src/expect/clusterDns.ts';
import { backendsOf, serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { serviceSlices } from '../../src/expect/lb/serviceSlices.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { Deployment, Service } from '../../src/model/kubernetes.ts';
import { count } from '../../src/text/plural.ts';
import { dnsParams } from './dnsParams.ts';
import { kpr6001 } from './problems/KPR6001.ts';

export const clusterDnsReady = defineCheck({
  id: 'cluster-dns-ready',
  title: 'Cluster DNS has a Service and a ready server behind it',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr6001],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { cluster: ['deployments', 'kubeletConfig', 'kubeadmConfig'] },
  uses: [serviceSlices],
  run({ cluster, derived, evidence }) {
    const dns = findClusterDns(cluster.services, cluster.endpointSlices, cluster.kubeletConfig);
    if (dns === undefined) {
      const tcpOnly = dnsWithoutUdp(cluster.services);
      if (tcpOnly !== undefined) return noUdpPort(tcpOnly, evidence);
      const seen = evidence('services', 'no Service with label k8s-app=kube-dns and port 53/UDP');
      return finding(kpr6001, 'serviceMissing', {}, { evidence: [seen] });
    }
    const { service } = dns;
    const { namespace = '', name } = service.metadata;
    const objects = [{ kind: 'Service', namespace, name }];
    const params = { service: `${namespace}/${name}`, ...dnsParams(service) };
    const [address] = unservedDns(cluster.services, cluster.kubeletConfig, cluster.kubeadmConfig);
    if (address !== undefined) {
      const seen = evidence('kubeletConfig', `clusterDNS: ${address}`);
      return finding(
        kpr6001,
        'askedElsewhere',
        { ...params, address, clusterIP: dns.clusterIPs.join(', '), name },
        { objects, evidence: [seen] },
      );
    }
    const slices = derived(serviceSlices).get(serviceKey(service)) ?? [];
    if (dns.endpoints.length > 0 || backendsOf(slices).length > 0) return pass;

    // The last change of its endpoints left none.
    const since = slices
      .flatMap(({ metadata }) => lastChangeOf(metadata) ?? [])
      .toSorted()
      .at(-1);
    const deployment = (valueOf(cluster.deployments) ?? []).find((one) => isBehind(one, service));
    if (deployment?.spec?.replicas === 0) {
      const workload = `Deployment ${namespace}/${deployment.metadata.name}`;
      return finding(
        kpr6001,
        'scaledToZero',
        { ...params, workload, deployment: deployment.metadata.name },
        {
          objects: [...objects, { kind: 'Deployment', namespace, name: deployment.metadata.name }],
          evidence: [
            evidence('deployments', {
              lines: [`${deployment.metadata.name}: spec.replicas 0`],
              of: [deployment.metadata.name],
            }),
          ],
          since,
        },
      );
    }
    const known = slices.flatMap(({ endpoints }) => endpoints ?? []).length;
    const state = known === 0 ? 'no endpoint at all' : `${count(known, 'endpoint')}, none ready`;
    const seen = [evidence('endpointSlices', { lines: [`${params.service}: ${state}`], of: [name] })];
    return finding(kpr6001, 'noReadyServer', { ...params, state }, { objects, evidence: seen, since });
  },
});

function noUdpPort(service: Service, say: (fact: 'services', seen: string) => Evidence): Finding<'KPR6001'> {
  const { namespace = '', name } = service.metadata;
  const ports = service.spec?.ports ?? [];
  const shown = ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ') || 'none';
  const params = { service: `${namespace}/${name}`, ports: shown, ...dnsParams(service) };
  const about = { objects: [{ kind: 'Service', namespace, name }], evidence: [say('services', `${name}: ${shown}`)] };
  return finding(kpr6001, 'noUdpPort', params, about);
}

/** Whether the Service selects the Deployment's pods. */
function isBehind({ metadata, spec }: Deployment, service: Service): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const labels = spec?.template?.metadata?.labels ?? {};
  return (
    metadata.namespace === service.metadata.namespace &&
    selector.length > 0 &&
    selector.every(([key, value]) => labels[key] === value)
  );
}
