import { type ConnectedPort, type ConnectionFlags, DEFAULT_REQUEST_TIMEOUT_MS } from '../ConnectionFlags.ts';
import type { Answer, ExecOptions, ExecOutcome, ExecTarget } from '../ClusterPort.ts';
import { kubectlCommand } from '../api/kubectlFlags.ts';
import { listPages, type PageAnswer } from '../api/listPages.ts';
import { readDocument } from '../api/readDocument.ts';
import type { Connection } from './Connection.ts';
import { execOverWebSocket } from './execOverWebSocket.ts';
import { getRaw } from './getRaw.ts';
import type { Session } from './Session.ts';

/** The API server, asked directly. */
export const createLivePort = (flags: ConnectionFlags, connection: Connection, session: Session): ConnectedPort => {
  const timeoutMs = flags.requestTimeoutMs || DEFAULT_REQUEST_TIMEOUT_MS;

  const get = async (path: string): Promise<PageAnswer> => {
    const raw = await getRaw(session, path, { accept: 'application/json, */*;q=0.8', timeoutMs });
    if (!raw.ok) return { ok: false, why: raw.why, expired: raw.httpStatus === 410 };
    return readDocument(path.replace(/\?.*/, ''), raw.body, raw.contentType);
  };

  return {
    kubectl: kubectlCommand(flags),
    contextName: connection.contextName,
    namespace: connection.namespace,
    server: connection.server,
    async get(path): Promise<Answer<unknown>> {
      const answer = await get(path);
      return answer.ok ? answer : { ok: false, why: answer.why };
    },
    list: async (path, options = {}) => await listPages(path, options, get),
    exec: async (target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome> =>
      await execOverWebSocket(session, target, command, options),
    close: async () => await session.close(),
  };
};
