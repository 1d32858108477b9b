export interface ReadmeBlock {
  /** The section that it stands in. */
  readonly heading: string;
  readonly script: string;
}

/** The shell blocks of a README, in their order. */
export function readmeBlocks(markdown: string): ReadmeBlock[] {
  const blocks: ReadmeBlock[] = [];
  let heading = '';
  for (const [, title, script] of markdown.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (script !== undefined) blocks.push({ heading, script });
  }
  return blocks;
}
