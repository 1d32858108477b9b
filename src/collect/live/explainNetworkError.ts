import { type Missing, missing } from '../../model/Fact.ts';
import { oneLine } from '../../text/visible.ts';

/**
 * A failure that this program saw itself on the way to the server (proxy, deadline): its message is for people already.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

const maxCauses = 8;

const wrongAuthority =
  'the certificate authority in the kubeconfig is not the one that signed it; after a change of the cluster fetch a new kubeconfig';

const brokeOff = 'the connection ended before the answer was complete';

const explanations: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve; check the server in the kubeconfig, DNS and the VPN',
  EAI_AGAIN: 'DNS does not answer; check the network and the VPN',
  ECONNREFUSED: 'the connection was refused: nothing listens there, or a firewall says no',
  ECONNRESET: brokeOff,
  EPIPE: brokeOff,
  UND_ERR_SOCKET: brokeOff,
  ETIMEDOUT: 'nothing answers there; check the network, the VPN and firewalls',
  EHOSTUNREACH: 'there is no route to it; check the network and the VPN',
  ENETUNREACH: 'there is no route to it; check the network and the VPN',
  EADDRNOTAVAIL: 'this machine has no address (or no free port) to reach it from',
  EMFILE: 'too many files are open on this machine; raise ulimit -n',
  DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate is self-signed: ${wrongAuthority}`,
  SELF_SIGNED_CERT_IN_CHAIN: `its certificate comes from an unknown authority: ${wrongAuthority}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `its certificate comes from an unknown authority: ${wrongAuthority}`,
  UNABLE_TO_GET_ISSUER_CERT: `its certificate comes from an unknown authority: ${wrongAuthority}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `its certificate comes from an unknown authority: ${wrongAuthority}`,
  CERT_SIGNATURE_FAILURE: `its certificate's signature is wrong: ${wrongAuthority}`,
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it on the control plane, or check this machine’s clock',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check this machine’s clock',
  CERT_REVOKED: 'its certificate is revoked',
  EPROTO: 'it does not speak TLS as expected; check the port and http against https in the server',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port; perhaps the server should start with http://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port; perhaps the server should start with http://',
  ERR_OSSL_PEM_NO_START_LINE: 'the certificate authority, client certificate or client key is not PEM',
  ERR_OSSL_PEM_BAD_END_LINE: 'the certificate authority, client certificate or client key is damaged PEM',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the client key does not belong to the client certificate',
};

/** Why the network gave no answer, as the end of a sentence "cannot reach SERVER: …". */
export function explainNetworkError(error: unknown): string {
  const chain = causes(error);
  const ours = chain.find((cause) => cause instanceof ConnectError);
  if (ours) return oneLine(ours.message);
  const innermost = chain.at(-1);
  const message = oneLine(innermost?.message || String(error), 200).replace(/[:\s]+$/, '');
  const code = networkErrorCode(error);
  const explanation = explanations[code];
  if (explanation !== undefined) return `${explanation} (${code})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is for other names: ${message}; give --tls-server-name, or correct the server in the kubeconfig`;
  }
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return `it refuses our TLS client certificate or version: ${message}; the credentials may have expired`;
  }
  if (code.startsWith('Z_')) return `its answer is damaged: ${message}; a proxy in between may be the reason`;
  if (code.startsWith('HPE_'))
    return `its answer is not HTTP: ${message}; perhaps the server should start with https://`;
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

/** Failures after which a second try may succeed, and a GET does no harm. */
const passingCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET']);

export function isPassing(error: unknown): boolean {
  return passingCodes.has(networkErrorCode(error));
}

const tooLarge = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'ERR_BUFFER_TOO_LARGE']);

/** More came than is read of an answer, as sent or when unpacked. */
export function isTooLarge(error: unknown): boolean {
  return tooLarge.has(networkErrorCode(error));
}

/** `asked` is the request as a person would name it, e.g. `GET /version`. */
export function unreachable(asked: string, server: string, error: unknown): Missing {
  return missing('unreachable', `${asked}: cannot reach ${server}: ${explainNetworkError(error)}`);
}

/** The code that tells most of an error's causes, e.g. ECONNREFUSED; empty if there is none. */
function networkErrorCode(error: unknown): string {
  const codes = causes(error)
    .map(codeOf)
    .filter((code) => code !== '');
  // UND_ERR_SOCKET says only that a socket failed; what is next to it says why.
  return codes.findLast((code) => code !== 'UND_ERR_SOCKET') ?? codes.at(-1) ?? '';
}

/**
 * An error and what it was caused by, outermost first. undici and Node's dual-stack dialling wrap the truth several
 * times.
 */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  let current: unknown = error;
  while (current instanceof Error && found.length < maxCauses) {
    found.push(current);
    current = current instanceof AggregateError && current.errors.length > 0 ? current.errors[0] : current.cause;
  }
  return found;
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');
