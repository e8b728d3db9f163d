/** The files that all random projects share, by name. */
export const commonFiles: { readonly [name: string]: string | Uint8Array } = {
  "icon-1.png": Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 1]),
  "icon-2.png": Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 2]),
  "text-1.txt": "七天无理由退货。",
  "text-2.txt": "当天下单，次日发货。",
  "text-3.txt": "保修一年。",
};
