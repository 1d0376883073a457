"""Two buttons that take a chart home as PNG and as SVG, made in the browser itself.

Streamlit's own menu on a chart offers PNG alone, and only to a mouse. Both pictures are made of
the SVG that is on the page; nothing goes over the net but the page's own font.
"""

from __future__ import annotations

import re

import streamlit as st

_CSS = """
.pictures { display: flex; gap: 0.75rem; justify-content: flex-end; font-family: var(--st-font); }
button { all: unset; cursor: pointer; padding: 0.25rem 0; min-height: 1.75rem; font-size: 0.875rem;
  line-height: 1.75rem; color: var(--st-text-color); }
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px;
  border-radius: var(--st-base-radius); }
"""
_JS = """
const XML = "http://www.w3.org/2000/svg"

function copyOf(svg, ground) {
  const copy = svg.cloneNode(true)
  const box = svg.viewBox.baseVal
  copy.setAttribute("xmlns", XML)
  copy.style.backgroundColor = ""
  const back = document.createElementNS(XML, "rect")
  back.setAttribute("width", box.width)
  back.setAttribute("height", box.height)
  back.setAttribute("fill", ground)
  copy.prepend(back)
  return copy
}

async function fontOf(svg) {
  // A picture inside a picture knows no fonts of the page: carry the one that is used.
  const family = getComputedStyle(svg.querySelector("text") || svg).fontFamily.split(",")[0]
  const wanted = family.replace(/["']/g, "").trim()
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules || []) {
      if (!(rule instanceof CSSFontFaceRule)) continue
      const name = rule.style.getPropertyValue("font-family").replace(/["']/g, "").trim()
      const style = rule.style.getPropertyValue("font-style") || "normal"
      const file = rule.style.getPropertyValue("src").match(/url\\(["']?([^"')]+)/)
      if (name !== wanted || style !== "normal" || !file) continue
      const blob = await (await fetch(new URL(file[1], sheet.href || location.href))).blob()
      const data = await new Promise((done) => {
        const reader = new FileReader()
        reader.onload = () => done(reader.result)
        reader.readAsDataURL(blob)
      })
      return `@font-face{font-family:"${name}";src:url(${data});font-weight:200 900}`
    }
  }
  return ""
}

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}

const asSvg = (svg) =>
  new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" })

async function savePng(svg, copy, name) {
  const rule = document.createElementNS(XML, "style")
  rule.textContent = await fontOf(svg).catch(() => "")
  copy.prepend(rule)
  const box = svg.viewBox.baseVal
  const image = new Image(box.width, box.height)
  const text = new XMLSerializer().serializeToString(copy)
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text)
  await image.decode()
  const canvas = document.createElement("canvas")
  canvas.width = 2 * box.width
  canvas.height = 2 * box.height
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  canvas.toBlob((blob) => save(blob, name), "image/png")
}

export default function ({ data, parentElement }) {
  const svg = () => document.querySelector(`.${CSS.escape(data.chart)} svg.marks`)
  const [png, vector] = parentElement.querySelectorAll("button")
  png.ariaLabel = `PNG: ${data.about}`
  vector.ariaLabel = `SVG: ${data.about}`
  png.onclick = () => svg() && savePng(svg(), copyOf(svg(), data.ground), data.name + ".png")
  vector.onclick = () => svg() && save(asSvg(copyOf(svg(), data.ground)), data.name + ".svg")
}
"""
_HTML = """
<div class="pictures"><button type="button">PNG</button><button type="button">SVG</button></div>
"""
_buttons = st.components.v2.component("viralbots_pictures", html=_HTML, css=_CSS, js=_JS)


def picture_buttons(chart: str, name: str, about: str, ground: str) -> None:
    """Show both buttons.

    Parameters
    ----------
    chart : str
        The ``key`` of the container that holds the chart and nothing else.
    name : str
        Name of the files, without their ending.
    about : str
        What the chart is, for those who do not see it.
    ground : str
        Colour of the background.
    """
    selector = "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", chart)
    data = {"chart": selector, "name": name, "about": about, "ground": ground}
    _buttons(key=f"{chart}.pictures", data=data, height="content", width="content")
