import { changeRequest, readChanged } from '../api/changeRequest.ts';
import { kubectlCommand } from '../api/kubectlFlags.ts';
import { listPages, type PageAnswer } from '../api/listPages.ts';
import { readDocument } from '../api/readDocument.ts';
import type { Answer, ClusterChange, ExecOptions, ExecOutcome, ExecTarget, ListOptions } from '../ClusterPort.ts';
import type { JsonObject } from '../../text/isRecord.ts';
import { type ConnectedPort, type ConnectionFlags, defaultRequestTimeoutMs } from '../ConnectionFlags.ts';
import type { Connection } from './Connection.ts';
import { execOverWebSocket } from './execOverWebSocket.ts';
import { askForText } from './askForText.ts';
import type { Session } from './Session.ts';

/** The API server, asked directly. */
export class LivePort implements ConnectedPort {
  readonly kubectl: string;
  readonly contextName: string;
  readonly namespace: string;
  readonly server: string;
  readonly #session: Session;
  readonly #timeoutMs: number;

  constructor(flags: ConnectionFlags, connection: Connection, session: Session) {
    this.kubectl = kubectlCommand(flags);
    this.contextName = connection.contextName;
    this.namespace = connection.namespace;
    this.server = connection.server;
    this.#session = session;
    this.#timeoutMs = flags.requestTimeoutMs || defaultRequestTimeoutMs;
  }

  async get(path: string): Promise<Answer<unknown>> {
    const answer = await this.#page(path);
    return answer.ok ? answer : { ok: false, why: answer.why };
  }

  list(path: string, options: ListOptions = {}): Promise<Answer<readonly unknown[]>> {
    return listPages(path, options, (page, heard) => this.#page(page, heard));
  }

  exec(target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome> {
    return execOverWebSocket(this.#session, target, command, options);
  }

  async change(change: ClusterChange): Promise<Answer<JsonObject>> {
    const asked = changeRequest(change);
    const answer = await askForText(this.#session, asked, this.#timeoutMs);
    return answer.ok ? readChanged(`${asked.method} ${change.path}`, answer.body) : { ok: false, why: answer.why };
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #page(path: string, heard?: (text: string) => void): Promise<PageAnswer> {
    const answer = await askForText(this.#session, { method: 'GET', path }, this.#timeoutMs);
    if (!answer.ok) return { ok: false, why: answer.why, expired: answer.httpStatus === 410 };
    heard?.(answer.body);
    return readDocument(path.replace(/\?.*/, ''), answer.body, answer.contentType);
  }
}
