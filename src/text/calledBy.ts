import { glue } from './wrap.ts';

/** A text whose commands call the program otherwise than as a plugin of kubectl; what is held together stays so. */
export const calledBy = (program: string, text: string): string =>
  text.replaceAll(/\bkubectl([ \u00a0])kpr\b/g, (_, blank: string) =>
    blank === glue ? program.replaceAll(' ', glue) : program,
  );
