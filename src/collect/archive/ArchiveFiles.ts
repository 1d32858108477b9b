import type { Answer } from '../ClusterPort.ts';

/** The regular files of an archive or a folder, with `/` between path segments. Nothing is ever written to disk. */
export interface ArchiveFiles {
  readonly names: readonly string[];
  /**
   * The contents of these files; those that are not there are left out, those that are damaged say why. Throws KprError
   * where reading on would be dangerous or useless. Costs memory for all of them: ask for what belongs together only.
   */
  read(names: ReadonlySet<string>): Promise<ReadonlyMap<string, Answer<Buffer>>>;
  /** What a person types to see a file. */
  shown(name: string): string;
  close(): Promise<void>;
}
