package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.electra4j.io.CurvesSvg.Panel;
import org.electra4j.io.CurvesSvg.Series;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class CurvesSvgTest {

  @TempDir Path directory;

  private static Element parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static List<Element> ofClass(Element svg, String tag, String name) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = svg.getElementsByTagName(tag);
    for (int i = 0; i < nodes.getLength(); i++) {
      Element element = (Element) nodes.item(i);
      if (element.getAttribute("class").equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  private static List<String> ticks(Series... series) throws Exception {
    Element svg = parse(CurvesSvg.render("", List.of(new Panel("", "", List.of(series)))));
    return ofClass(svg, "text", "tick").stream().map(Element::getTextContent).toList();
  }

  private static Series series(double[] x, double... y) {
    return new Series("s", x, y);
  }

  @Test
  void pointsLieWhereTheTicksSay() throws Exception {
    Panel panel =
        new Panel(
            "Loss",
            "step",
            List.of(new Series("a", new double[] {0, 50, 100}, new double[] {0, 10, 5})));
    Path file = directory.resolve("curves.svg");
    CurvesSvg.write(file, "Run", List.of(panel, panel, panel));
    Element svg = parse(Files.readString(file));

    List<Element> lines = ofClass(svg, "path", "line");
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0).getAttribute("d")).isEqualTo("M64.0 258.0L282.0 40.0L500.0 149.0");
    Element zero = ofClass(svg, "text", "tick").get(0);
    assertThat(zero.getTextContent()).isEqualTo("0");
    assertThat(Double.parseDouble(zero.getAttribute("y"))).isEqualTo(258.0 + 4);
    assertThat(svg.getAttribute("width")).isEqualTo("1040");
    assertThat(ofClass(svg, "text", "heading").get(0).getTextContent()).isEqualTo("Run");
  }

  @Test
  void ticksAreRoundNumbers() throws Exception {
    assertThat(ticks(series(new double[] {0, 1000}, 0.731, 0.942)))
        .containsExactly(
            "0.70", "0.75", "0.80", "0.85", "0.90", "0.95", "0", "200", "400", "600", "800",
            "1000");
    assertThat(ticks(series(new double[] {0, 1e6}, -3, 12)))
        .contains("-5", "0", "5", "10", "15", "200k", "1000k");
    assertThat(ticks(series(new double[] {3}, 7))).contains("6", "8", "3.0");
    assertThat(ticks(series(new double[] {0, 1}, 1e-7, 5e-7))).contains("1.0e-07", "5.0e-07");
  }

  @Test
  void valuesThatAreNotFiniteBreakTheLine() throws Exception {
    Element svg =
        parse(
            CurvesSvg.render(
                "",
                List.of(
                    new Panel(
                        "",
                        "",
                        List.of(
                            series(new double[] {0, 1, 2, 3, 4}, 0, 1, Double.NaN, 1, 0),
                            series(new double[] {0}, Double.POSITIVE_INFINITY),
                            series(new double[] {2}, 0.5))))));

    List<Element> lines = ofClass(svg, "path", "line");
    assertThat(lines.get(0).getAttribute("d").chars().filter(c -> c == 'M').count()).isEqualTo(2);
    assertThat(lines.get(1).getAttribute("d")).isEmpty();
    assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(1);
    parse(CurvesSvg.render("", List.of()));
  }

  @Test
  void longSeriesKeepTheirExtremesInASmallFile() throws Exception {
    int n = 200_000;
    double[] x = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = i;
      y[i] = Math.sin(i * 0.001);
    }
    y[123_456] = 9.5;
    y[23_456] = -8.5;
    String svg = CurvesSvg.render("", List.of(new Panel("", "", List.of(series(x, y)))));

    assertThat(svg.length()).isLessThan(80_000);
    String path = ofClass(parse(svg), "path", "raw").get(0).getAttribute("d");
    String mean = ofClass(parse(svg), "path", "line").get(0).getAttribute("d");
    assertThat(mean).startsWith("M").doesNotContain("NaN").isNotEqualTo(path);
    double top = 40 + 218 * (1 - (9.5 + 10) / 20);
    double bottom = 40 + 218 * (1 - (-8.5 + 10) / 20);
    assertThat(path).contains(String.format(Locale.ROOT, " %.1f", top));
    assertThat(path).contains(String.format(Locale.ROOT, " %.1f", bottom));
  }

  @Test
  void textIsEscaped() throws Exception {
    String name = "a<b> & \"c\"";
    Element svg =
        parse(CurvesSvg.render(name + "\u0001", List.of(new Panel(name, name, List.of()))));
    assertThat(ofClass(svg, "text", "title").get(0).getTextContent()).isEqualTo(name);
    assertThat(ofClass(svg, "text", "heading").get(0).getTextContent()).isEqualTo(name + "\uFFFD");
    assertThatThrownBy(() -> series(new double[2], 1))
        .hasMessageContaining("has 2 x but 1 y values");
  }
}
