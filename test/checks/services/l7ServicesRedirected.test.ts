import { l7ServicesRedirected } from '../../../checks/services/l7ServicesRedirected.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const placeholder = shopSlice({
  endpoints: [{ addresses: ['192.192.192.192'] }],
  ports: [{ name: '', port: 9999, protocol: 'TCP' }],
});
const table = (flags: string) =>
  parseMapsDump(
    `SVC: ID=1 ADDR=10.96.10.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable${flags}`,
  );
const gateway = (flags: string, settings: Readonly<Record<string, string>> = {}, name = 'shop') =>
  shopCluster({
    services: [{ ...shop(), metadata: { name, namespace: 'default' } }],
    slices: [
      {
        ...placeholder,
        metadata: { ...placeholder.metadata, labels: { 'kubernetes.io/service-name': name } },
      },
    ],
    settings,
    n1: { lbTable: table(flags) },
    n2: { lbTable: table(flags) },
  });

standardCases(l7ServicesRedirected, {
  requiredUnseen: ['cluster services'],
  healthy: gateway('+l7-load-balancer', { 'enable-envoy-config': 'true' }),
  faulty: {
    KPR5012: { notRedirected: gateway('', { 'enable-envoy-config': 'true' }), envoyOff: gateway('') },
  },
  notApplicable: {},
  hostile: (text) => gateway('', {}, text),
});
