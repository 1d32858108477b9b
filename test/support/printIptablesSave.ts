import type { IptablesChain, IptablesRule, IptablesTable } from '../../src/model/NodeFacts.ts';
import type { IptablesSave } from '../../src/parse/rules/IptablesSaveReader.ts';

export interface PrintOptions {
  /**
   * Rules with their counters, where they have any: as with `-c`. Chains have theirs always, as the
   * program prints them.
   */
  readonly counters: boolean;
}

/**
 * The lines from which a dump was read, in their order and without their ends. The program prints the rules chain by
 * chain in the order of the chains; of a dump that somebody wrote in another order the rules come out in that one,
 * which is the same to the kernel.
 */
export function* linesOfSave({ tables, remarks }: IptablesSave, options: PrintOptions): Generator<string> {
  const remarksAfter = (count: number): readonly string[] =>
    remarks.filter(({ after }) => after === count).map(({ line }) => line);
  yield* remarksAfter(0);
  for (const [at, table] of tables.entries()) {
    yield* linesOfTable(table, options);
    yield* remarksAfter(at + 1);
  }
}

/** A dump as one text, each line with its end: parseIptablesSave reads the same again. */
export function printIptablesSave(save: IptablesSave, options: PrintOptions): string {
  let text = '';
  for (const line of linesOfSave(save, options)) text += `${line}\n`;
  return text;
}

/** From `*nat` to `COMMIT`. */
export function* linesOfTable({ name, chains }: IptablesTable, { counters }: PrintOptions): Generator<string> {
  yield `*${name}`;
  for (const chain of chains) yield chainLine(chain);
  for (const { rules } of chains) for (const rule of rules) yield counters ? ruleLine(rule) : rule.line;
  yield 'COMMIT';
}

/** `:INPUT ACCEPT [12:345]`, `:KUBE-SERVICES - [0:0]`. */
export const chainLine = ({ name, policy, counters }: IptablesChain): string =>
  `:${name} ${policy ?? '-'} [${counters ?? '0:0'}]`;

/** `[3:180] -A …`, or without counters where the dump had none. */
export const ruleLine = ({ line, packets, bytes, counters }: IptablesRule): string =>
  packets === undefined ? line : `[${counters ?? `${packets}:${bytes ?? 0}`}] ${line}`;
