import type { JobOptions } from '../../app/job/makeJob.ts';
import { usageError } from '../../core/KprError.ts';
import { defineCommand } from '../Command.ts';
import { only } from '../Flag.ts';
import { connectionFlags, generalFlags, jobFlags, sourceFlags } from '../flags.ts';
import { clusterOptions } from '../options.ts';

const flags = { ...jobFlags, ...only(sourceFlags, 'via', 'cilium-namespace'), ...connectionFlags, ...generalFlags };

const leastDeadlineMs = 60_000;

/** For clusters that one client should not ask alone: Kubernetes’ own Job controller runs the shards. */
export const jobCommand = defineCommand({
  describe: 'Print a Job that verifies a large cluster from inside, each pod its part of the nodes; merge judges them',
  usage: 'job --image IMAGE',
  examples: [
    [
      'Print it: account, roles and a Job of ten shards',
      'job --image registry.example/kubectl-kpr:1 --shards 10 --with-role',
    ],
    ['Create it', 'job --image registry.example/kubectl-kpr:1 --shards 10 --with-role --apply --yes'],
  ],
  flags,
  read: (given): JobOptions => {
    const { image, apply, yes, deadline } = given;
    const name = given.name ?? 'kubectl-kpr-verify';
    const namespace = given['job-namespace'] ?? 'kube-system';
    const serviceAccount = given['service-account'] ?? 'kubectl-kpr';
    if (image === undefined)
      throw usageError(
        'job needs --image: an image with kubectl-kpr on its PATH',
        'Of a Dockerfile: FROM debian:stable-slim, then COPY dist/kubectl-kpr /usr/local/bin/',
      );
    if (deadline < leastDeadlineMs)
      throw usageError('--deadline is at least 1m: pods have to get their image, start and read their nodes');
    if (yes && !apply) throw usageError('--yes has a meaning with --apply only', 'Without --apply nothing is created');
    if (apply && !yes)
      throw usageError(
        '--apply creates objects in the cluster, so it needs --yes, too',
        'Without --apply they are printed',
      );
    return {
      wish: {
        name,
        namespace,
        image,
        serviceAccount,
        shards: given.shards ?? 3,
        deadlineSeconds: Math.ceil(deadline / 1000),
        ciliumNamespace: given['cilium-namespace'],
      },
      withRole: given['with-role'],
      apply: apply ? clusterOptions(given) : undefined,
    };
  },
  run: async (options, context) => (await import('../../app/job/makeJob.ts')).makeJob(options, context),
});
