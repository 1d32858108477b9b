import { isIPv6 } from 'node:net';
import type { Env } from '../ConnectionFlags.ts';
import { type Kubeconfig, NO_CLUSTER, NO_USER } from './Kubeconfig.ts';
import type { ReadFile } from './loadKubeconfig.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

const tryRead = (file: string, readFile: ReadFile): string | undefined => {
  try {
    return readFile(file).trim();
  } catch {
    return undefined;
  }
};

/** The service account of the pod that this runs in, in the form of a kubeconfig; undefined outside of pods. */
export const inClusterKubeconfig = (host: {
  readonly env: Env;
  readonly readFile: ReadFile;
}): Kubeconfig | undefined => {
  const address = host.env['KUBERNETES_SERVICE_HOST'];
  const port = host.env['KUBERNETES_SERVICE_PORT'];
  if (!address || !port || tryRead(`${FOLDER}/token`, host.readFile) === undefined) return undefined;
  const cluster = {
    ...NO_CLUSTER,
    server: `https://${isIPv6(address) ? `[${address}]` : address}:${port}`,
    certificateAuthority: tryRead(`${FOLDER}/ca.crt`, host.readFile) === undefined ? '' : `${FOLDER}/ca.crt`,
  };
  // The file, not its content: kubelet renews it.
  const user = { ...NO_USER, tokenFile: `${FOLDER}/token` };
  const namespace = tryRead(`${FOLDER}/namespace`, host.readFile) ?? '';
  return {
    clusters: new Map([['in-cluster', cluster]]),
    users: new Map([['service-account', user]]),
    contexts: new Map([['in-cluster', { cluster: 'in-cluster', user: 'service-account', namespace }]]),
    currentContext: 'in-cluster',
  };
};
