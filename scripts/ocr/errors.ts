// Why a document cannot be read: a code that programs know, and a sentence for the person who sent it.

export const reasons = {
  document_empty: "The file is empty.",
  document_too_large: "The file is larger than 20 MB.",
  document_type_unknown: "The file is neither PNG, JPEG, PDF nor Word (DOCX).",
  document_encrypted: "The file is protected by a password.",
  document_broken: "The file is damaged and cannot be opened.",
  document_too_many_pages: "The document has more than 20 pages.",
  document_too_many_pixels: "The picture has more than 60 million pixels.",
  document_unpacks_too_large: "The document unpacks to far more than its size allows.",
} as const;

export type ReadCode = keyof typeof reasons;

export class ReadError extends Error {
  readonly code: ReadCode;
  constructor(code: ReadCode, options?: ErrorOptions) {
    super(reasons[code], options);
    this.name = "ReadError";
    this.code = code;
  }
}
