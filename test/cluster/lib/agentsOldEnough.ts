import type { Bed } from './Bed.ts';

/** In a recording of a younger agent it stays open whether a difference is there to stay. */
const oldEnoughSeconds = 125;

/** Waits until every agent has run for so long that its table is judged. */
export async function agentsOldEnough(bed: Bed, namespace = 'kube-system'): Promise<void> {
  const pods = JSON.parse(await bed.kubectl('-n', namespace, 'get', 'pods', '-l', 'k8s-app=cilium', '-o', 'json')) as {
    items: { status: { containerStatuses?: { state: { running?: { startedAt: string } } }[] } }[];
  };
  const starts = pods.items.flatMap(({ status }) =>
    (status.containerStatuses ?? []).map(({ state }) =>
      Date.parse(state.running?.startedAt ?? new Date().toISOString()),
    ),
  );
  const wait = Math.max(0, ...starts.map((start) => start + oldEnoughSeconds * 1000 - Date.now()));
  if (wait > 0) console.log(`     waiting ${Math.ceil(wait / 1000)} s until the agents are ${oldEnoughSeconds} s old`);
  await new Promise((resolve) => setTimeout(resolve, wait));
}
