import { KprError } from '../core/KprError.ts';
import type { NodePlan } from '../remedy/cleanup/NodeCleanup.ts';
import { renderScript, type ScriptContext, scriptName, waysToRun } from '../remedy/cleanup/renderScript.ts';
import { shellQuote } from '../text/shell.ts';
import { applyScript } from './applyScript.ts';
import type { Context } from './Context.ts';
import type { ClusterOptions } from './openSource.ts';

/**
 * Runs the clean-up script of one node in the pod of its agent, and says how to go back, or what to do where it could
 * not do all. Gives the command's exit code: 0, 1, or 130 after an interruption; throws KprError when nothing could be
 * run, or its end is not known.
 */
export async function applyPlan(
  plan: NodePlan,
  script: ScriptContext,
  cluster: ClusterOptions,
  context: Context,
): Promise<number> {
  const { stdout } = context.io;
  const { agent, kubectl } = script;
  if (agent === undefined) throw new KprError(`No pod of an agent is known on ${plan.node}`, 'Nothing was changed');
  const target = { ...agent, pod: agent.name };
  const { exitCode, output } = await applyScript(renderScript(plan, script), target, cluster, context);
  const backUp = /^Back-up: (\S+)/m.exec(output)?.[1];
  if (backUp !== undefined) {
    const pod = `-n ${shellQuote(agent.namespace)} ${shellQuote(agent.name)} -c ${shellQuote(agent.container)}`;
    stdout.write(`To go back from here: ${kubectl} exec ${pod} -- bash ${shellQuote(`${backUp}/undo`)}\n`);
  }
  if (exitCode === 4) {
    const file = scriptName(plan);
    const { node } = waysToRun(plan, script, file, 'run');
    stdout.write(
      `With the node’s own programs: kubectl kpr cleanup --node ${shellQuote(plan.node)} > ${shellQuote(file)}; ${node}\n`,
    );
  }
  return exitCode === 0 || exitCode === 130 ? exitCode : 1;
}
