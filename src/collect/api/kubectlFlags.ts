import { shellQuote } from '../../text/shell.ts';
import type { ConnectionFlags } from '../ConnectionFlags.ts';

/** Arguments for kubectl that choose the same cluster and identity. Holds the token, if one was given. */
export function kubectlArgs(flags: ConnectionFlags): string[] {
  return asFlags(flags, flags.token);
}

/** The same as a command that people can paste; a token stays out of it. */
export function kubectlCommand(flags: ConnectionFlags): string {
  const words = asFlags({ ...flags, server: withoutUser(flags.server) }, undefined).map(shellQuote);
  return ['kubectl', ...words, ...(flags.token ? ['--token="$TOKEN"'] : [])].join(' ');
}

/** Of `user:password@` in an address kubectl makes nothing either. */
const withoutUser = (server: string | undefined): string | undefined => server?.replace(/^([a-z]+:\/\/)?.*@/is, '$1');

function asFlags(flags: ConnectionFlags, token: string | undefined): string[] {
  const valued: [name: string, value: string | undefined][] = [
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['server', flags.server],
    ['token', token],
    ['as', flags.as],
    ...(flags.asGroups ?? []).map((group): [string, string] => ['as-group', group]),
    ['as-uid', flags.asUid],
    ['certificate-authority', flags.certificateAuthority],
    ['client-certificate', flags.clientCertificate],
    ['client-key', flags.clientKey],
    ['tls-server-name', flags.tlsServerName],
  ];
  const args = valued.flatMap(([name, value]) => (value ? [`--${name}=${value}`] : []));
  return flags.insecureSkipTlsVerify ? [...args, '--insecure-skip-tls-verify'] : args;
}
