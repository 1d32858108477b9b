import { isIPv6 } from 'node:net';
import type { Env } from '../ConnectionFlags.ts';
import { type Kubeconfig, noCluster, noUser } from './Kubeconfig.ts';
import type { ReadFile } from './loadKubeconfig.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The service account of the pod that this runs in, in the form of a kubeconfig; undefined outside of pods. */
export function inClusterKubeconfig(host: { readonly env: Env; readonly readFile: ReadFile }): Kubeconfig | undefined {
  const address = host.env['KUBERNETES_SERVICE_HOST'];
  const port = host.env['KUBERNETES_SERVICE_PORT'];
  if (!address || !port || tryRead(`${serviceAccountFolder}/token`, host.readFile) === undefined) return undefined;
  const cluster = {
    ...noCluster,
    server: `https://${isIPv6(address) ? `[${address}]` : address}:${port}`,
    certificateAuthority:
      tryRead(`${serviceAccountFolder}/ca.crt`, host.readFile) === undefined ? '' : `${serviceAccountFolder}/ca.crt`,
  };
  // The file, not its content: kubelet renews it.
  const user = { ...noUser, tokenFile: `${serviceAccountFolder}/token` };
  const namespace = tryRead(`${serviceAccountFolder}/namespace`, host.readFile) ?? '';
  return {
    clusters: new Map([['in-cluster', cluster]]),
    users: new Map([['service-account', user]]),
    contexts: new Map([['in-cluster', { cluster: 'in-cluster', user: 'service-account', namespace }]]),
    currentContext: 'in-cluster',
  };
}

function tryRead(file: string, readFile: ReadFile): string | undefined {
  try {
    return readFile(file).trim();
  } catch {
    return undefined;
  }
}
