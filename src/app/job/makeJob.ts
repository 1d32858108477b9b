import { dump } from 'js-yaml';
import { creationOf, jobManifest, type JobWish, roleManifests } from '../../collect/jobManifest.ts';
import { KprError } from '../../core/KprError.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { shellQuote } from '../../text/shell.ts';
import type { Context } from '../Context.ts';
import { type ClusterOptions, hostOf } from '../openSource.ts';

export interface JobOptions {
  readonly wish: JobWish;
  /** Whether the account and its roles are part of it. */
  readonly withRole: boolean;
  /** Where it is made; undefined: it is printed. */
  readonly apply: ClusterOptions | undefined;
}

/** Prints the objects of a Job as YAML; with `apply` they are made. Gives the exit code; throws KprError. */
export async function makeJob({ wish, withRole, apply }: JobOptions, { io, loaders }: Context): Promise<number> {
  const merge = `kubectl kpr merge --job ${shellQuote(wish.name)} --job-namespace ${wish.namespace} --wait`;
  const objects = [...(withRole ? roleManifests(wish) : []), jobManifest(wish)];
  if (apply === undefined) {
    const yaml = objects.map((one) => dump(one, { lineWidth: -1, noRefs: true })).join('---\n');
    io.stdout.write(`# One report of all its shards, when it is created: ${merge}\n${yaml}`);
    return 0;
  }
  const port = await loaders.openPort(apply.connection, apply.via, hostOf(io));
  try {
    for (const [at, body] of objects.entries()) {
      const named = namesOf(body);
      const { kind, name, namespace } = named;
      const answer = await port.change(creationOf(body, namespace ?? wish.namespace));
      const isThere = !answer.ok && answer.why.detail.includes('already exists');
      if (!answer.ok && (kind === 'Job' || !isThere))
        throw new KprError(
          `${kind} ${name} was not created: ${answer.why.detail}`,
          `${at === 0 ? 'Nothing was created' : 'What stands above it was created'}; ${hintFor(named, isThere, port.kubectl)}`,
        );
      const where = namespace === undefined ? '' : ` in ${namespace}`;
      io.stdout.write(`${kind} ${name}${where}: ${answer.ok ? 'created' : 'is there already, and stays as it is'}\n`);
    }
    const job = shellQuote(wish.name);
    io.stdout.write(
      [
        'One report of all its shards, when it has ended:',
        `    ${merge}`,
        'To take it away before its day is over:',
        `    ${port.kubectl} -n ${wish.namespace} delete job ${job}`,
        '',
      ].join('\n'),
    );
    return 0;
  } finally {
    await port.close();
  }
}

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function namesOf(body: JsonObject): Named {
  const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
  const { name, namespace } = metadata;
  return {
    kind: String(body['kind']),
    name: String(name),
    ...(typeof namespace === 'string' && { namespace }),
  };
}

/** What stands in the way is not always one of the same name. */
function hintFor({ kind, name, namespace }: Named, isThere: boolean, kubectl: string): string {
  if (kind !== 'Job') return 'whoever may make roles can apply what is printed without --apply';
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return isThere
    ? `one of this name has to go first: ${kubectl}${where} delete job ${shellQuote(name)}, or take another --name`
    : 'whoever may make Jobs there can apply what is printed without --apply';
}
