import type { RdsFault } from './rds-fault.ts';

/** A list needs the name of its elements, which the reply's XML repeats. */
export interface XmlList {
  readonly element: string;
  readonly items: readonly XmlValue[];
}
export type XmlValue = string | number | boolean | Date | undefined | XmlList | { readonly [name: string]: XmlValue };

const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** A list of structures for a reply. */
export const list = (element: string, items: readonly XmlValue[]): XmlList => ({ element, items });

export const successReply = (action: string, result: XmlValue, requestId: string): string =>
  `<${action}Response xmlns="${namespace}"><${action}Result>${xml(result)}</${action}Result>` +
  `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;

export const faultReply = (fault: RdsFault, requestId: string): string =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>${fault.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${xml(fault.code)}</Code><Message>${xml(fault.message)}</Message></Error>` +
  `<RequestId>${requestId}</RequestId></ErrorResponse>`;

const xml = (value: XmlValue): string => {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return escape(String(value));
  if (isList(value)) return value.items.map((item) => `<${value.element}>${xml(item)}</${value.element}>`).join('');
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `<${name}>${xml(each)}</${name}>`)
    .join('');
};

const isList = (value: object): value is XmlList =>
  'element' in value && 'items' in value && Array.isArray(value.items);

/** Control characters that XML 1.0 cannot hold become U+FFFD. */
const escape = (text: string): string =>
  text.replace(/[&<>"]|\p{Cc}/gu, (character) =>
    /[&<>"\t\n\r]/.test(character) ? `&#${character.charCodeAt(0)};` : '\uFFFD',
  );
