import { parseJson } from '../../text/parseJson.ts';
import { KprError } from '../../core/KprError.ts';
import { isRecord } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';
import type { ExecConfig } from './Kubeconfig.ts';
import { type ExecPluginHost, runExecPlugin } from './runExecPlugin.ts';

/** What a credential plugin gave: a token, a client certificate (PEM), or both. */
export interface ExecCredential {
  readonly token: string;
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  /** Milliseconds since 1970; undefined: until the server refuses it. */
  readonly expiresAt: number | undefined;
}

/** Runs the plugin. Rejects with a KprError. */
export async function fetchExecCredential(
  exec: ExecConfig,
  cluster: unknown,
  host: ExecPluginHost,
): Promise<ExecCredential> {
  return parseExecCredential(await runExecPlugin(exec, cluster, host), exec);
}

/** Reads a plugin's output (client.authentication.k8s.io). Throws KprError. */
function parseExecCredential(output: string, exec: ExecConfig): ExecCredential {
  const wrong = (what: string): KprError =>
    new KprError(
      `The credential plugin "${exec.command}" ${what}`,
      'Run the command by hand to see what it prints; kubectl needs it as well',
    );
  let answer: unknown;
  try {
    answer = parseJson(output);
  } catch {
    throw wrong(output.trim() === '' ? 'printed nothing' : 'printed something else than an ExecCredential in JSON');
  }
  if (!isRecord(answer) || answer['kind'] !== 'ExecCredential') {
    throw wrong('printed something else than an ExecCredential');
  }
  if (answer['apiVersion'] !== exec.apiVersion) {
    const spoken = oneLine(text(answer['apiVersion']), 80) || 'no version';
    throw wrong(`speaks ${spoken}, but the kubeconfig asks for ${exec.apiVersion || 'no version'}`);
  }
  const status = isRecord(answer['status']) ? answer['status'] : {};
  const token = text(status['token']);
  const cert = text(status['clientCertificateData']);
  const key = text(status['clientKeyData']);
  if (token === '' && cert === '' && key === '') throw wrong('gave neither a token nor a client certificate');
  if ((cert === '') !== (key === '')) throw wrong('gave only one of client certificate and key');
  const expiresAt = Date.parse(text(status['expirationTimestamp']));
  return {
    token,
    clientCertificate: cert ? { cert, key } : undefined,
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
