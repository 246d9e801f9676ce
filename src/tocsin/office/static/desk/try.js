// A slider and its number are one: moving either sets the other; htmx then asks for the answer.
for (const slider of document.querySelectorAll(".knob input[type=range]")) {
  const number = document.getElementById(slider.dataset.for);
  slider.addEventListener("input", () => { number.value = slider.value; });
  number.addEventListener("input", () => { slider.value = number.value; });
}
