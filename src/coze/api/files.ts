import { reading, type Send } from "../http/operation.ts";
import { idIn } from "../http/response.ts";

// An upload has no visible effect and can be repeated without harm. The rate limit is that of personal plans.
const upload = reading("upload_files", "POST", "/v1/files/upload", {
  perSecond: 10,
  permissions: ["uploadFile"],
});

/** Files for icons and image datasets. */
export function createFileCalls(send: Send) {
  return {
    /**
     * Uploads up to 512 MB and returns the file's id, which lasts for 3 months, or for good once an icon
     * (https://docs.coze.cn/developer_guides/upload_files).
     */
    async upload(name: string, content: Uint8Array | Blob): Promise<string> {
      const form = new FormData();
      // A blob that stands for a file is read as it is sent.
      form.append("file", content instanceof Blob ? content : new Blob([new Uint8Array(content)]), name);
      return idIn(await send(upload, { form }), "id");
    },
  };
}
