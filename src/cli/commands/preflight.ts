import type { ChangeQuestion } from '../../app/preflight/judgeChange.ts';
import type { PreflightOptions } from '../../app/preflight/preflight.ts';
import { usageError } from '../../core/KprError.ts';
import { preflightFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { type Flags, type Given, only } from '../Flag.ts';
import {
  changeFlags,
  connectionFlags,
  fixFlags,
  formatFlag,
  generalFlags,
  resultFlags,
  sourceFlags,
  targetFlags,
  valuesFlags,
} from '../flags.ts';
import { readOptions, releaseNamed, speechOptions, targetBranches, valuesOptions } from '../options.ts';

const flags = {
  ...changeFlags,
  ...targetFlags,
  ...valuesFlags,
  ...fixFlags,
  ...sourceFlags,
  ...only(resultFlags, 'check', 'skip', 'allow-unknown'),
  ...formatFlag(preflightFormats),
  ...connectionFlags,
  ...generalFlags,
} satisfies Flags;

export const preflightCommand = defineCommand({
  describe: 'Check whether a change is safe before you make it: go or no-go, and a checklist for this cluster',
  usage: 'preflight',
  examples: [
    ['What comes next on this cluster, and whether it may be done', 'preflight --against before.kpr'],
    ['The checklist of an upgrade, for a ticket', 'preflight --to-version 1.20 -o markdown'],
    ['The way back to kube-proxy', 'preflight --change rollback'],
    ['An upgrade with values of a file', 'preflight --change upgrade --to-version 1.20 -f values.yaml'],
    [
      'What an upgrade makes of your Helm values, without a cluster',
      'preflight --values values.yaml --to-version 1.20',
    ],
    ['What to change in it, as a unified diff', 'preflight --values values.yaml --to-version 1.20 --fix'],
    [
      'The same for two versions, with a value of the command line over the file’s',
      'preflight -f values.yaml --set bpf.masquerade=true --to-version 1.19,1.20',
    ],
  ],
  flags,
  formats: preflightFormats,
  read: (given): PreflightOptions => ({
    ...speechOptions(given),
    values: valuesOptions(given),
    targets: targetBranches(given['to-version']),
    timeoutMs: readOptions(given).limits.runTimeoutMs,
    question: questionOf(given),
    as: shapeOf(given),
  }),
  run: async (options, context) => (await import('../../app/preflight/preflight.ts')).preflight(options, context),
});

function shapeOf(given: Given<typeof flags>): PreflightOptions['as'] {
  const { fix, write, output, values } = given;
  if (write && !fix) throw usageError('--write goes with --fix', 'Look at what --fix prints first');
  if (!fix) return { kind: 'document', format: output };
  if (valuesOptions(given) === undefined)
    throw usageError('--fix needs values', 'For example: preflight --values values.yaml --to-version 1.20 --fix');
  if (output.kind === 'document')
    throw usageError('--fix and -o exclude each other', 'The document of -o says of each key what to write instead');
  if (write && values.includes('-'))
    throw usageError('--write cannot change standard input', 'Leave it out, and apply the diff to the file');
  return { kind: 'fix', writes: write };
}

/** Values alone need no cluster; whoever gives a change, a capture or a source asks one, too. */
function questionOf(given: Given<typeof flags>): ChangeQuestion | undefined {
  const { change, against, from, 'to-version': versions } = given;
  const isOfValues = valuesOptions(given) !== undefined;
  const ofRelease = given['release-values'];
  if (isOfValues && ofRelease)
    throw usageError('--release-values and values of your own exclude each other', 'Leave one of them out');
  if (ofRelease && from !== undefined)
    throw usageError(
      '--release-values asks a cluster, and --from does not',
      'An archive holds no Secret: leave it out',
    );
  if (isOfValues && change === undefined && against === undefined && from === undefined) return undefined;
  const [version, ...others] = versions;
  if (others.length > 0)
    throw usageError(
      `A cluster is upgraded to one version at a time, not to ${versions.join(' and ')}`,
      'Several versions are for values alone: preflight --values FILE --to-version 1.19,1.20',
    );
  const [suppression] = given.skip.suppressions;
  if (suppression !== undefined)
    throw usageError(
      'preflight suppresses nothing: --skip takes names of checks and codes here',
      `For example: --skip ${suppression.code}`,
    );
  return {
    ...readOptions(given),
    change,
    against,
    toVersion: version === undefined ? undefined : releaseNamed(version),
    check: given.check,
    skip: given.skip.names,
    allowUnknown: given['allow-unknown'],
    values: valuesOptions(given),
    ofRelease,
  };
}
