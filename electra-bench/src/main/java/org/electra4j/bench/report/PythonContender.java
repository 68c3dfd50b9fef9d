package org.electra4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.Python;
import org.electra4j.bench.Workspace;

/**
 * A peer script that prints a JSON object, whose numbers are the figures.
 *
 * @param packages what the script imports
 */
record PythonContender(String name, List<String> packages, String script, List<String> arguments)
    implements Contender {

  @Override
  public Map<String, Double> measure() throws IOException {
    String printed = Python.find(packages).run(Workspace.script(script), arguments);
    JsonNode object = new ObjectMapper().readTree(printed);
    Map<String, Double> figures = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isNumber()) {
                figures.put(field.getKey(), field.getValue().asDouble());
              }
            });
    return figures;
  }
}
