import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { isKubernetesService, malformationOf } from '../expect/api-server/apiEndpoint.ts';
import { isLoopback } from '../model/lb/address.ts';
import { isAtLeast, type Version } from '../knowledge/version.ts';
import { holdsPlaceholder } from './placeholders.ts';
import { type KeyPath, plainText, valueAt } from './PlacedValues.ts';
import type { KeyVerdict } from './KeyVerdict.ts';

type Doubt = Pick<KeyVerdict, 'path' | 'kind' | 'severity' | 'message'> & Partial<Pick<KeyVerdict, 'right'>>;

/**
 * Where kube-proxy replacement is asked for, and probably does not do what is wanted; and what the chart forces.
 * @param kubernetesIPs the addresses of the Service kubernetes, where a cluster tells them
 */
export const doubtsOf = (
  tree: ChartValues,
  config: ReadonlyMap<string, string>,
  version: Version,
  kubernetesIPs: readonly string[] = usualClusterIPs,
): readonly Doubt[] => [
  ...(config.get('kube-proxy-replacement') === 'true'
    ? [...ofApiServer(tree, version, kubernetesIPs), ...ofSocketLb(tree)]
    : []),
  ...ofGateway(tree, config, version),
];

const doubt = (
  path: KeyPath,
  message: string,
  severity: KeyVerdict['severity'] = 'warning',
  right?: string,
): Doubt => ({
  path,
  kind: 'kprDoubt',
  severity,
  message,
  ...(right !== undefined && { right }),
});

const hostPath = ['k8sServiceHost'];
const portPath = ['k8sServicePort'];

/** Without kube-proxy agents cannot use the Service kubernetes before they have made it themselves. */
function ofApiServer(tree: ChartValues, version: Version, kubernetesIPs: readonly string[]): readonly Doubt[] {
  const host = textAt(tree, hostPath);
  const port = textAt(tree, portPath);
  const unjudged = [hostPath, portPath].filter((path) => holdsPlaceholder(textAt(tree, path)));
  if (unjudged.length > 0)
    return unjudged.map((path): Doubt => ({ path, kind: 'placeholder', severity: 'unknown', message: '' }));
  if (host === 'auto' || isReached(tree, version)) return [];
  if (host === '')
    return [
      doubt(
        hostPath,
        'kubeProxyReplacement without an address of the API server: without kube-proxy agents would have to reach it by the Service that they make themselves',
        'error',
        'the address of the API server that every node reaches without kube-proxy (a load balancer, a VIP or a name)',
      ),
    ];
  return [
    ...ofHost(host, port, kubernetesIPs),
    ...(port === ''
      ? [
          doubt(
            portPath,
            'k8sServiceHost without k8sServicePort: agents do not start with half of an address',
            'error',
            '6443',
          ),
        ]
      : []),
  ];
}

/** By another way. */
function isReached(tree: ChartValues, version: Version): boolean {
  const urls = textAt(tree, ['k8s', 'apiServerURLs']);
  return (urls !== '' && isAtLeast(version, '1.18.0')) || textAt(tree, ['k8sServiceHostRef', 'name']) !== '';
}

function ofHost(host: string, port: string, kubernetesIPs: readonly string[]): readonly Doubt[] {
  if (malformationOf(host, undefined) !== undefined)
    return [doubt(hostPath, 'It is a host alone: no scheme, no port, no path', 'error', bareHost(host))];
  if (isKubernetesService(host, kubernetesIPs))
    return [
      doubt(
        hostPath,
        'It is the Service kubernetes, which agents would have to make themselves before they reach it',
        'error',
      ),
    ];
  // KubePrism of Talos and the proxies of k3s, RKE2 and kubespray listen on ports of their own, but for 6443.
  if ((isLoopback(host) || host === 'localhost') && ['6443', '443', ''].includes(port))
    return [
      doubt(
        hostPath,
        `${host}:${port === '' ? '6443' : port} answers on nodes that run an API server only, unless a local proxy listens there (RKE2 has one at 6443)`,
      ),
    ];
  return [];
}

/** The first address of the Service CIDR by default: kubeadm, k3s and RKE2, EKS, MicroK8s, kubespray, OpenShift. */
const usualClusterIPs = [
  '10.96.0.1',
  '10.43.0.1',
  '10.100.0.1',
  '172.20.0.1',
  '10.152.183.1',
  '10.233.0.1',
  '172.30.0.1',
];

const bareHost = (text: string): string => text.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/, '');

function ofSocketLb(tree: ChartValues): readonly Doubt[] {
  const isOff = plainText(valueAt(tree, ['socketLB', 'enabled'])) === 'false';
  return isOff
    ? [
        doubt(
          ['socketLB', 'enabled'],
          'No effect: kubeProxyReplacement=true switches socket LB on; socketLB.hostNamespaceOnly=true limits it to the host',
        ),
      ]
    : [];
}

/** From 1.20 the chart decides it for Gateway API. */
function ofGateway(tree: ChartValues, config: ReadonlyMap<string, string>, version: Version): readonly Doubt[] {
  const isAsked = plainText(valueAt(tree, ['socketLB', 'hostNamespaceOnly'])) === 'true';
  const isForced =
    plainText(valueAt(tree, ['gatewayAPI', 'enabled'])) === 'true' && config.get('bpf-lb-sock-hostns-only') === 'true';
  if (!isForced || isAsked || !isAtLeast(version, '1.20.0')) return [];
  return [
    {
      path: ['gatewayAPI', 'enabled'],
      kind: 'behaviour',
      severity: 'info',
      message:
        'From 1.20 the chart sets bpf-lb-sock-hostns-only=true with it, whatever socketLB.hostNamespaceOnly says: connections of pods are translated at tc, not at the socket',
    },
  ];
}

function textAt(tree: ChartValues, path: KeyPath): string {
  const value: ChartValue | undefined = valueAt(tree, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
