import { element } from "../page/make.ts";

/**
 * Let pictures come in by every way: file input, the phone's camera, drop anywhere on the page, paste.
 * @param take called with one picture or several
 */
export function listenForPictures(take: (pictures: File[]) => void): void {
  for (const id of ["choose", "camera"]) {
    const input = element(id) as HTMLInputElement;
    input.addEventListener("change", () => {
      give(input.files);
      input.value = ""; // so that choosing the same file again is a change
    });
  }
  const page = document.documentElement;
  page.addEventListener("dragover", (event) => {
    event.preventDefault();
    page.classList.add("over-drop");
  });
  page.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) page.classList.remove("over-drop");
  });
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    page.classList.remove("over-drop");
    give(event.dataTransfer?.files);
  });
  page.addEventListener("paste", (event) => give(event.clipboardData?.files));

  function give(files: FileList | null | undefined): void {
    if (files?.length && !document.querySelector("dialog[open]")) take([...files]);
  }
}
