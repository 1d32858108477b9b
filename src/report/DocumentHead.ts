/*
 * The documents that `-o json` prints. Their published schemas (docs/*.schema.json) are made of these types and of what
 * is said here of each member: `npm run docs` writes them.
 */

/**
 * A number of things, or whole milliseconds.
 *
 * @asType integer
 * @minimum 0
 */
export type Count = number;

/** What a document of this version holds; the same for all documents. */
export const schemaVersion = 2;
export const toolName = 'kubectl-kpr';

export interface DocumentHead {
  readonly schemaVersion: typeof schemaVersion;
  readonly tool: {
    readonly name: typeof toolName;
    /** Semantic version of the program. */
    readonly version: string;
  };
}

/**
 * The code of a finding; new ones come with new versions.
 *
 * @pattern ^KPR[0-9]{4}$
 */
export type CodeText = string;
