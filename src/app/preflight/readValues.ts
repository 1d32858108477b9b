import { readSmallFile } from '../../collect/readSmallFile.ts';
import { expectGarbageOnly } from '../../collect/tuneEngine.ts';
import { KprError, usageError } from '../../core/KprError.ts';
import type { HelmFlags } from '../../model/Intent.ts';
import type { KeyTree } from '../../knowledge/charts/ChartTable.ts';
import { type Elsewhere, findValues, type FoundValues } from '../../values/findValues.ts';
import { mergeValues } from '../../values/mergeValues.ts';
import { parseSet } from '../../values/parseSet.ts';
import { readYaml, type YamlDocument, YamlError } from '../../values/readYaml.ts';
import { isValueMap, type PlacedValues } from '../../values/PlacedValues.ts';
import { visibleName } from '../../text/visible.ts';
import { failureText } from '../../text/failureText.ts';

export interface GivenValues {
  readonly values: PlacedValues;
  readonly sources: readonly Pick<FoundValues, 'file' | 'within'>[];
  readonly elsewhere: readonly Elsewhere[];
  /** The files as they were read, by their names. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Helm keeps a release in a Secret, which takes no more. */
const maxBytes = 1024 * 1024;
/** A copy of the chart’s own values has 180,000 characters. */
const smallLength = 256 * 1024;

/** What files hold, by their names. Throws KprError. */
export function readTexts(files: readonly string[]): GivenValues['texts'] {
  const texts = new Map(files.map((file) => [file, textOf(file)]));
  if ([...texts.values()].every(({ length }) => length < smallLength)) expectGarbageOnly();
  return texts;
}

/**
 * Files and flags, merged as Helm merges them. Throws KprError for what cannot be read, or holds no values of Cilium.
 * @param known the names of a chart's values
 */
export function readValues(texts: GivenValues['texts'], sets: HelmFlags['sets'], known: KeyTree): GivenValues {
  const found = [...texts].map(([file, text]) => findIn(file, text, known));
  const set = sets.map(({ flag, text }) => ({ ...parsed(flag, text), file: flag, within: text }));
  return {
    values: mergeValues([...found.flatMap(({ values }) => values), ...set]),
    sources: [...found.flatMap(({ values }) => values), ...set].map(({ file, within }) => ({ file, within })),
    elsewhere: found.flatMap(({ elsewhere }) => elsewhere),
    texts,
  };
}

function findIn(file: string, text: string, known: KeyTree): ReturnType<typeof findValues> {
  const { documents, beginsEmpty } = documentsOf(file, text);
  try {
    const found = findValues(documents, file, known);
    const plain = found.values.filter(({ within }) => within === undefined);
    if (plain.length > 1)
      throw usageError(
        `${file} has ${documents.length} documents with values, of which Helm reads the first alone`,
        'Give each in a file of its own: --values one.yaml --values two.yaml',
      );
    if (plain.length > 0 && beginsEmpty)
      throw usageError(
        `${file} begins with an empty document, and Helm reads that alone`,
        'Leave out the first of its two lines of ---',
      );
    if (found.values.length === 0 && found.others.length > 0)
      throw usageError(
        `${file} holds no values of Cilium: ${found.others.join(', ')}`,
        'It reads values, and finds them in a HelmRelease, an Application, a HelmChart, helmCharts of kustomize or below cilium:',
      );
    return found;
  } catch (error) {
    throw error instanceof YamlError ? atPlace(file, error) : error;
  }
}

interface Documents {
  readonly documents: readonly YamlDocument[];
  readonly beginsEmpty: boolean;
}

function documentsOf(file: string, text: string): Documents {
  if (Buffer.byteLength(text) > maxBytes)
    throw usageError(
      `${file} has more than ${maxBytes / 1024} KiB, and Helm keeps no release with such values`,
      'Give the values of Cilium alone',
    );
  let all: YamlDocument[];
  try {
    all = readYaml(text, file);
  } catch (error) {
    throw error instanceof YamlError ? atPlace(file, error) : error;
  }
  // What holds nothing is as good as a map of nothing.
  const documents = all.filter(({ value }) => value !== null);
  const wrong = documents.find(({ value }) => !isValueMap(value));
  if (wrong !== undefined)
    throw usageError(`${file} holds ${Array.isArray(wrong.value) ? 'a list' : 'a single text'}, and values are a map`);
  return { documents, beginsEmpty: all[0]?.value === null };
}

const atPlace = (file: string, { message, line, column, hint }: YamlError): KprError =>
  new KprError(`${file}:${line}:${column}: ${message}`, hint);

function textOf(file: string): string {
  try {
    return readSmallFile(file === '-' ? 0 : file);
  } catch (error) {
    throw new KprError(
      `${file === '-' ? 'Standard input' : visibleName(file)} can't be read: ${failureText(error)}`,
      'Give a file with --values, or - for standard input',
    );
  }
}

function parsed(flag: '--set' | '--set-string', text: string): PlacedValues {
  try {
    return parseSet(text, flag);
  } catch (error) {
    throw usageError(failureText(error), 'For example: --set bpf.masquerade=true');
  }
}
