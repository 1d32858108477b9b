import { agentCommands, proxyCommands, shownCommand } from '../../knowledge/nodeCommands.ts';
import type { AnswerName } from '../../model/raw.ts';

/*
 * People paste what stands beside `see`. A capture says by which command each answer came; whoever wrote it may have
 * put in any. So what is shown has one of the forms that this program writes, or is made anew of the answer's name.
 */

const inside: ReadonlySet<string> = new Set([
  ...Object.values(agentCommands).map(({ shown }) => shown),
  ...Object.values(proxyCommands).map((words) => words.join(' ')),
]);
const probe =
  /^bash -c '<\/dev\/tcp\/(?:[0-9a-f.:]+|CLUSTER-DNS-IP|\$KUBERNETES_SERVICE_HOST)\/(?:\d{1,5}|\$KUBERNETES_SERVICE_PORT) && echo open'$/i;
const kubectlExec =
  /^kubectl(?: --context=[\w@.:/-]+)? -n [a-z0-9][a-z0-9-]* exec [a-z0-9][a-z0-9.-]* -c [a-z0-9][a-z0-9-]* -- /;
const kubectlGet =
  /^kubectl(?: --context=[\w@.:/-]+)?(?: -n [a-z0-9][a-z0-9-]*)? get(?: --raw \/version| -A| -l k8s-app=[a-z-]+| -o json| [a-z][a-z0-9.-]*)+$/;
/** Of a capture that was made of another archive. */
const fromArchive = /^(?:cat|unzip -p|tar -xz?Of)(?: [\w./'][\w@%+=:,./'\\-]*)+$/;

/** The command that shows an answer again. */
export function capturedCommand(name: AnswerName, said: string): string {
  const [where = ''] = kubectlExec.exec(said) ?? [];
  const program = said.slice(where.length);
  return inside.has(program) || probe.test(program) || fromArchive.test(said) ? said : where + shownCommand(name);
}

/** The command that shows a document again; several are joined as they were when it was collected. */
export const capturedSource = (name: string, said: string): string =>
  said.split(/, |; | and /).every((one) => kubectlGet.test(one)) || fromArchive.test(said)
    ? said
    : `the capture’s ${name}`;
