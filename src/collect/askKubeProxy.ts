import { proxyCommands } from '../knowledge/nodeCommands.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { AnswerName, RawAnswer, RawNode } from '../model/raw.ts';
import type { ClusterPort, ExecTarget } from './ClusterPort.ts';
import { answerOf } from './answerOf.ts';
import { execPatiently } from './execPatiently.ts';
import { maxNodeBytes, type Reading, timeLeft } from './Reading.ts';
import { shownOn } from './shownOn.ts';

/**
 * kube-proxy's image may hold no shell, so each program is an exec of its own; they see what agents
 * cannot (nftables).
 */
export async function askKubeProxy(
  port: ClusterPort,
  node: string,
  pod: Pod | undefined,
  reading: Reading,
): Promise<RawNode['answers']> {
  const { plan } = reading;
  const timeoutMs = timeLeft(reading);
  const asked = Object.entries(proxyCommands).filter(([name]) => plan.answers.has(name as AnswerName));
  const container = pod?.spec?.containers?.find(({ name }) => name === 'kube-proxy');
  if (pod === undefined || container === undefined || timeoutMs <= 0) return {};
  const target: ExecTarget = {
    namespace: pod.metadata.namespace ?? 'kube-system',
    pod: pod.metadata.name,
    container: container.name,
  };
  const answers = asked.map(async ([name, argv]): Promise<[string, RawAnswer]> => {
    const command = shownOn(port, target, argv.join(' '));
    const outcome = await execPatiently(port, target, argv, reading, { timeoutMs, maxBytes: maxNodeBytes });
    return [name, await answerOf(port, { node, target, command }, outcome, reading)];
  });
  return Object.fromEntries(await Promise.all(answers));
}
