/** What a parser makes of a text: a value, or why the text is not what the program prints. Parsers never throw. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** `why` in a few words, as they stand after "not understood: ". */
export const unparsed = (why: string): Parsed<never> => ({ ok: false, why });
